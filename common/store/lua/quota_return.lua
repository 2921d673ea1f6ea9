-- quota_return.lua - gives back what quota_take took, as far as it still counts. KEYS as there. ARGV: messages, what they
-- cost, the day, the month, the currency.

local used = redis.call('HMGET', KEYS[1], 'day', 'messages', 'month', 'spend', 'currency')
if used[1] == ARGV[3] then
    redis.call('HSET', KEYS[1], 'messages', string.format('%.0f', math.max(used[2] - ARGV[1], 0)))
end
if used[3] == ARGV[4] and used[5] == ARGV[5] then
    redis.call('HSET', KEYS[1], 'spend', string.format('%.0f', math.max(used[4] - ARGV[2], 0)))
end
return 0
