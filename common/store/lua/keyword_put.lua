-- keyword_put.lua - a new keyword of an account. KEYS[1] keywords:{account}: keyword -> JSON, KEYS[2]
-- keyword_ids:{account}: id -> keyword. ARGV: id, keyword, JSON, how many an account may have.
-- Replies 'made', 'taken' or 'full'.

local call = redis.call
if call('HEXISTS', KEYS[1], ARGV[2]) == 1 then
    return 'taken'
end
if call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
    return 'full'
end
call('HSET', KEYS[1], ARGV[2], ARGV[3])
call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 'made'
