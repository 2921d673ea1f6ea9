-- job_open.lua - makes the view of a send that is to be cut into chunks, if it isn't there.
-- state.lua, packed.lua and index.lua come before. KEYS: s:, b:. ARGV: the account in its braces, by what the send is found
-- (plan.h), the letter that it shows until then, its description, its body, how many recipients it may have, the day on
-- which they count.
--
-- s: has beside the description: `job`, the letter, while there are chunks to make (F at the end of one that had no
-- recipients, C of one that was cancelled before its first); `cursor`, the next chunk's number and the number after which
-- groups are read on, as "0/"; `cancelled`, from when on no chunk is made.
-- Replies the cursor, job, cancelled, paused, rate, due and until, '' where there is none (control.lua); then
-- the time, how many messages have a line, and how many of them are QUEUED; then the account's weight, or '', and 1 if it
-- sends nothing at present.

local send, plan = KEYS[1], { found_by = text() }
local letter, description, body, may, day = text(), text(), text(), text(), text()
if call('HSETNX', send, 'send', description) == 1 then
    call('HSET', send, 'job', letter, 'cursor', '0/', 'may', may, 'day', day)
    call('SETNX', KEYS[2], body)
    index_waiting(send, plan, letter)
    write_counts()
end
local state = call('HMGET', send, 'cursor', 'job', 'cancelled', 'paused', 'rate', 'due', 'until')
for i = 1, 7 do
    state[i] = state[i] or ''
end
local made, queued = 0, tonumber(call('HGET', send, 'Q') or 0)
for _, lines in ipairs(call('HMGET', send, 'W', 'Q', 'S', 'T', 'D', 'F', 'C')) do
    made = made + (lines or 0)
end
local owner = call('GET', 'account:' .. account) or ''
local still = string.find(owner, '"active":false', 1, true) or string.find(owner, '"paused":true', 1, true)
state[8], state[9], state[10] = now, made, queued
state[11], state[12] = string.match(owner, '"weight":(%d+)') or '', still and 1 or 0
return state
