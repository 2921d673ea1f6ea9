-- erase_begin.lua - remembers that a number was erased now: what was accepted before and is made (again) later is withheld
-- (state.lua). KEYS[1] erased:{account}, a sorted set: digest -> time in ms; KEYS[2] erased_salt:{account}. ARGV[1] the
-- digits, ARGV[2] a salt in case there is none yet, ARGV[3] how long it is remembered, in ms: longer than Kafka and the
-- delay queue keep anything.
--
-- The digest is salted SHA-1: scripts have no other, and for numbers of so few digits the salt is what protects.

redis.call('SETNX', KEYS[2], ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[3]))
redis.call('ZADD', KEYS[1], now, redis.sha1hex(redis.call('GET', KEYS[2]) .. ARGV[1]))
return 1
