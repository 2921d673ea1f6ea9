-- due_done.lua - removes what has been released, if it is still lent to the one who says so.
-- KEYS as due_put. ARGV: the lease's end, then names. Replies how many were removed.

local lease, removed = tonumber(ARGV[1]), 0
for i = 2, #ARGV do
    local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
    if score and tonumber(score) == lease then
        redis.call('ZREM', KEYS[1], ARGV[i])
        redis.call('HDEL', KEYS[2], ARGV[i])
        removed = removed + 1
    end
end
return removed
