-- share.lua - a send that is under way says so, and hears what it gets of the whole (shares.h).
-- KEYS: shares:{shares} (send -> until when it counts), share:{shares}: s/<send> -> "drain account"; beside them sums: `weight`
-- and `drain` of all, and for each account n/<account>, how many sends, and w/<account>, its weight in the sum.
-- ARGV: send, account, weight, drain, for how long it counts in ms; 0: it leaves.
-- Replies what all drain, and this one's share in millionths.

local MOST_EXPIRED = 50 -- that are cleared away at a time

local list, sums = KEYS[1], KEYS[2]
local send, account, weight, drain, stay = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function add(field, by)
    return redis.call('HINCRBY', sums, field, by)
end

local function set_weight(name, to)
    local was = tonumber(redis.call('HGET', sums, 'w/' .. name) or 0)
    if to == 0 then
        redis.call('HDEL', sums, 'w/' .. name, 'n/' .. name)
    elseif to ~= was then
        redis.call('HSET', sums, 'w/' .. name, to)
    end
    add('weight', to - was)
end

local function forget(name)
    local there = redis.call('HGET', sums, 's/' .. name)
    redis.call('ZREM', list, name)
    redis.call('HDEL', sums, 's/' .. name)
    if there then
        local its_drain, its_account = string.match(there, '^(%S+) (%S+)$')
        add('drain', -tonumber(its_drain))
        if add('n/' .. its_account, -1) <= 0 then
            set_weight(its_account, 0)
        end
    end
end

for _, name in ipairs(redis.call('ZRANGEBYSCORE', list, '-inf', now, 'LIMIT', 0, MOST_EXPIRED)) do
    forget(name)
end
if stay == 0 then
    forget(send)
    return { 0, 0 }
end
local there = redis.call('HGET', sums, 's/' .. send)
if there then
    add('drain', drain - tonumber(string.match(there, '^%S+')))
else
    add('drain', drain)
    add('n/' .. account, 1)
end
redis.call('HSET', sums, 's/' .. send, string.format('%d %s', drain, account))
redis.call('ZADD', list, now + stay, send)
set_weight(account, weight)
local got = redis.call('HMGET', sums, 'drain', 'weight', 'n/' .. account)
return { tonumber(got[1]), math.floor(1000000 * weight / (tonumber(got[2]) * tonumber(got[3]))) }
