-- repeat_end.lua - what came of a request that repeat_begin let go on. KEYS[1] as there; KEYS[2] how many bytes of large
-- answers the account has stored in a life. ARGV: the token; S store the answer, F free the key, U undecided; the answer's
-- status, content type and body; the life in ms; from how many bytes a body is large, and the room for those.
-- Replies 1; 0 when the key is somebody else's by now, and nothing was changed.
--
-- After U a repeat may go on at once, under the same id; and after F, when an earlier request may have been carried out:
-- to free the key then would be to forget its id.

-- A large body for which there is no room is left out, and the status becomes negative: it was carried out all the same.
local function fitting(status, body)
    if #body <= tonumber(ARGV[7]) then
        return status, body
    end
    local used = tonumber(redis.call('GET', KEYS[2]) or 0) + #body
    if used > tonumber(ARGV[8]) then
        return -status, ''
    end
    if redis.call('INCRBY', KEYS[2], #body) == #body then
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
    end
    return status, body
end

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
    local answered, body = fitting(tonumber(ARGV[3]), ARGV[5])
    record = cmsgpack.pack(print, token, 0, id, answered, ARGV[4], body, again)
    redis.call('SET', KEYS[1], record, 'PX', ARGV[6])
else
    redis.call('SET', KEYS[1], cmsgpack.pack(print, token, 0, id, 0, '', '', true), 'PX', ARGV[6])
end
return 1
