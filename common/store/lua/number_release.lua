-- number_release.lua - gives a service number back. KEYS: number:<digits>. ARGV: the account that had it.
-- Somebody else's stays.

if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0
