-- job_open.lua - makes the view of a send that is to be cut into chunks, if it isn't there.
-- state.lua, packed.lua and index.lua come before. KEYS: s:, b:. ARGV: the account in its braces, by what the send is found
-- (plan.h), the letter that it shows until then, its description, its body, how many recipients it may have, the day on
-- which they count.
--
-- s: has beside the description: `job`, the letter, while there are chunks to make (F at the end of one that had no
-- recipients, C of one that was cancelled before its first); `cursor`, the next chunk's number and the number after which
-- groups are read on, as "0/"; `cancelled`, from when on no chunk is made.
-- Replies the cursor, job, cancelled, paused, due and until (control.lua), '' where there is none.

local send, plan = KEYS[1], { found_by = text() }
local letter, description, body, may, day = text(), text(), text(), text(), text()
if call('HSETNX', send, 'send', description) == 1 then
    call('HSET', send, 'job', letter, 'cursor', '0/', 'may', may, 'day', day)
    call('SETNX', KEYS[2], body)
    index_waiting(send, plan, letter)
    write_counts()
end
local state = call('HMGET', send, 'cursor', 'job', 'cancelled', 'paused', 'due', 'until')
for i = 1, 6 do
    state[i] = state[i] or ''
end
return state
