-- repeat_end.lua - what came of a request that repeat_begin let go on. KEYS as there. ARGV: the token; S store the answer,
-- F free the key, U undecided; the answer's status, content type and body; the life in ms.
-- Replies 1; 0 when the key is somebody else's by now, and nothing was changed.
--
-- After U a repeat may go on at once, under the same id; and after F, when an earlier request may have been carried out:
-- to free the key then would be to forget its id.

local record = redis.call('GET', KEYS[1])
if not record then
    return 0
end
local print, token, _, id, status, _, _, again = cmsgpack.unpack(record)
if token ~= ARGV[1] or status ~= 0 then
    return 0
end
if ARGV[2] == 'F' and not again then
    redis.call('DEL', KEYS[1])
elseif ARGV[2] == 'S' then
    record = cmsgpack.pack(print, token, 0, id, tonumber(ARGV[3]), ARGV[4], ARGV[5], again)
    redis.call('SET', KEYS[1], record, 'PX', ARGV[6])
else
    redis.call('SET', KEYS[1], cmsgpack.pack(print, token, 0, id, 0, '', '', true), 'PX', ARGV[6])
end
return 1
