-- due_take.lua - lends out what is due: each gets the end of its lease as its new time, so that it is due again if its
-- taker dies. KEYS as due_put. ARGV: the lease in ms, how many and how many bytes of records at most (but for the first).
-- Replies the lease's end (as text, it is what due_done compares), in how many ms the next is due, -1: none waits; then
-- name, record, name, record ...
--
-- Times that are put are whole milliseconds; a lease ends at half a one. So a record that is put anew while it is lent
-- can never be mistaken for the lent one.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local lease = string.format('%.1f', now + tonumber(ARGV[1]) + 0.5)
local reply, bytes, most_bytes = { lease, 0 }, 0, tonumber(ARGV[3])
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))) do
    bytes = bytes + redis.call('HSTRLEN', KEYS[2], name)
    if bytes > most_bytes and #reply > 2 then
        break
    end
    local record = redis.call('HGET', KEYS[2], name)
    if record then
        redis.call('ZADD', KEYS[1], lease, name)
        reply[#reply + 1] = name
        reply[#reply + 1] = record
    else
        redis.call('ZREM', KEYS[1], name)
    end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
reply[2] = first and math.max(0, math.ceil(tonumber(first) - now)) or -1
return reply
