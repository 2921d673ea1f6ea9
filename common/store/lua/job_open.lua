-- job_open.lua - makes the view of a send that is to be cut into chunks, if it isn't there.
-- KEYS: s:, b:. ARGV: the letter that it shows until then, its description, its body, how many recipients it may have.
--
-- s: has beside the description: `job`, the letter, while there are chunks to make (F at the end of one that had no
-- recipients, C of one that was cancelled before its first); `cursor`, the next chunk's number and the number after which
-- groups are read on, as "0/"; `cancelled`, from when on no chunk is made.
-- Replies the cursor, job and cancelled, '' where there is none.

local send = KEYS[1]
if redis.call('HSETNX', send, 'send', ARGV[2]) == 1 then
    redis.call('HSET', send, 'job', ARGV[1], 'cursor', '0/', 'may', ARGV[4])
    redis.call('SETNX', KEYS[2], ARGV[3])
end
local state = redis.call('HMGET', send, 'cursor', 'job', 'cancelled')
return { state[1] or '', state[2] or '', state[3] or '' }
