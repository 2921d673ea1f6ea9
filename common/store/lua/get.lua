-- get.lua - reads one message, or the summary of a send of many. settled.lua comes before. KEYS: its lines, s:, b:, t:. ARGV: the place, or 0.
-- Replies line, description, body. A single send's line has its description behind it. For the id of a send of many the
-- line is empty, and its counts follow as letter, number. Nothing at all: there is no such message.

if ARGV[1] ~= '0' then
    local line = redis.call('HGET', KEYS[1], ARGV[1])
    if not line then
        return {}
    end
    local body = redis.call('HGET', KEYS[4], ARGV[1]) or redis.call('GET', KEYS[3])
    local send = redis.call('HMGET', KEYS[2], 'send', 'cancelled')
    return { settled(line, send[2]), send[1] or '', body or '' }
end
local single = redis.call('GET', KEYS[1])
if single then
    return { single, '', '' }
end
local fields = redis.call('HGETALL', KEYS[2])
if #fields == 0 then
    return {}
end
local reply = { '', '', redis.call('GET', KEYS[3]) or '' }
for i = 1, #fields, 2 do
    if fields[i] == 'send' then
        reply[2] = fields[i + 1]
    else
        reply[#reply + 1] = fields[i]
        reply[#reply + 1] = fields[i + 1]
    end
end
return reply
