-- job_read.lua - reads a chunk that was made before: its lines and texts. KEYS: c:, t:.
-- Replies line, text, line, text ... in the order of places; a text is '' where there is none.

local reply, place = {}, 1
local line = redis.call('HGET', KEYS[1], place)
while line do -- at most a chunk's
    reply[#reply + 1] = line
    reply[#reply + 1] = redis.call('HGET', KEYS[2], place) or ''
    place = place + 1
    line = redis.call('HGET', KEYS[1], place)
end
return reply
