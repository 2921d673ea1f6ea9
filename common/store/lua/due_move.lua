-- due_move.lua - makes what waits under these names due sooner; what is lent, or due before, stays as it is.
-- KEYS[1] due:{due:<shard>}. ARGV: the time in ms, then names. Replies how many of them are there, waiting or lent.

local found = 0
for i = 2, #ARGV do
    local score = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or nil)
    if score then
        found = found + 1
        if score % 1 == 0 and score > tonumber(ARGV[1]) then
            redis.call('ZADD', KEYS[1], ARGV[1], ARGV[i])
        end
    end
end
return found
