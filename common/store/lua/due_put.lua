-- due_put.lua - puts records into a shard of the delay queue, or replaces what is there under the same name.
-- KEYS: due:{due:<shard>} (name -> time in ms), rec:{due:<shard>} (name -> record). ARGV: name, time, record, each again.
--
-- Of two times the sooner counts: two who come by the same chunk may each wait for something else in it. The end of a
-- lease (due_take.lua; it has a half in it) is no such time.

local function soonest(name, at)
    local there = tonumber(redis.call('ZSCORE', KEYS[1], name) or nil)
    if there and there % 1 == 0 and there < tonumber(at) then
        return there
    end
    return at
end

for i = 1, #ARGV, 3 do
    redis.call('ZADD', KEYS[1], soonest(ARGV[i], ARGV[i + 1]), ARGV[i])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
end
return #ARGV / 3
