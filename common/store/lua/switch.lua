-- switch.lua - stops all traffic, or lets it go on. KEYS[1] control. ARGV: true or false, the time in ms.
-- Replies what it says then. Where it says so already its time stays.

local was = redis.call('GET', KEYS[1])
if was and string.find(was, '"paused":' .. ARGV[1], 1, true) then
    return was
end
local is = '{"paused":' .. ARGV[1] .. ',"at_ms":' .. ARGV[2] .. '}'
redis.call('SET', KEYS[1], is)
return is
