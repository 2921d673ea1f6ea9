-- keyword_claim.lua - replaces a claim (KEYS[1], kw:<keyword>), if it is still the one that was read: ARGV[1]. ARGV[2] is
-- the new one; '' takes it away. Replies 1 if it did.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
if ARGV[2] == '' then
    redis.call('DEL', KEYS[1])
else
    redis.call('SET', KEYS[1], ARGV[2])
end
return 1
