-- repeat_begin.lua - whether a request with an Idempotency-Key is to be carried out. KEYS[1] the key's record. ARGV: the
-- request's fingerprint, who asks (a token), the id that a send of it would take, the lease and the whole life in ms.
-- Replies what is to be done, a letter, and then
--   G go on: the id that a send takes. The first request with this key, or one whose holder died, or was left undecided
--   B busy: somebody else carries it out; how long they may yet
--   O other: the key was used for another request
--   D done: the answer's status, content type and body
--
-- The record: fingerprint, token, the lease's end, id, status (0: no answer yet), content type, body, and whether it goes
-- on for a second time: then it may have been carried out before, and its key is never freed.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local print, token, id, lease, life = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

local again = false
local record = redis.call('GET', KEYS[1])
if record then
    local known, _, until_ms, known_id, status, kind, body = cmsgpack.unpack(record)
    if known ~= print then
        return { 'O' }
    elseif status ~= 0 then
        return { 'D', status, kind, body }
    elseif now < until_ms then
        return { 'B', until_ms - now }
    end
    id, again = known_id, true
end
redis.call('SET', KEYS[1], cmsgpack.pack(print, token, now + lease, id, 0, '', '', again), 'PX', life)
return { 'G', id }
