-- due_drop.lua - removes what waits under these names, lent or not. KEYS as due_put. ARGV: names. Replies how many there
-- were.

local dropped = 0
for _, name in ipairs(ARGV) do
    dropped = dropped + redis.call('ZREM', KEYS[1], name)
    redis.call('HDEL', KEYS[2], name)
end
return dropped
