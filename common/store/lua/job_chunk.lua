-- job_chunk.lua - makes the next chunk of a job, and moves its cursor on.
-- KEYS[1] the chunk's lines. ARGV[2] the cursor as it was read, ARGV[3] as it becomes; then the chunk's plan.
--
-- Replies the cursor as it is now. It is the new one: the chunk was made here. Another: somebody made it before, or ''
-- means that the send was cancelled. So an id never means two people, whoever expands a job again and whatever its groups
-- hold by then.

at = 3
local plan = read_plan()
local send = send_key(KEYS[1])
local state = call('HMGET', send, 'cursor', 'cancelled')
if state[2] then
    return ''
end
if state[1] ~= ARGV[2] then
    return state[1] or ''
end
create_chunk(KEYS[1], plan)
call('HSET', send, 'cursor', ARGV[3], 'job', 'Q')
write_counts()
return ARGV[3]
