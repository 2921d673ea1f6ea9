-- bucket_take.lua - takes tokens out of a bucket (GCRA: one time says how full it is). KEYS[1] that time in us: when the
-- bucket is full again. ARGV: tokens a second, how many it holds, how many are wanted, how many are brought back.
-- Replies how many were taken, how many are left, us until it is full, us until there is one.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local interval, size = 1000000 / tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
full = full - tonumber(ARGV[4]) * interval
full = math.max(now, math.min(full, now + size * interval)) -- the bucket may have become smaller
local there = math.floor(size - (full - now) / interval + 0.001)
local taken = math.max(0, math.min(tonumber(ARGV[3]), there))
full = full + taken * interval
if full > now then
    redis.call('SET', KEYS[1], string.format('%.2f', full), 'PX', math.ceil((full - now) / 1000) + 1)
end
local wait = there > taken and 0 or full - now - (size - 1) * interval
return { taken, math.max(there - taken, 0), math.ceil(full - now), math.ceil(math.max(wait, 0)) }
