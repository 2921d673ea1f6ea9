-- due_put.lua - puts records into a shard of the delay queue, or moves what is there under the same name.
-- KEYS: due:{due:<shard>} (name -> time in ms), rec:{due:<shard>} (name -> record). ARGV: name, time, record, each again.

for i = 1, #ARGV, 3 do
    redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
end
return #ARGV / 3
