-- job_end.lua - all chunks of a job are made. KEYS[1] s:. ARGV[1] the account in its braces. One that had no recipients is
-- FAILED, or CANCELLED.

local send = KEYS[1]
if call('HGET', send, 'cursor') == '0/' then
    local letter = call('HEXISTS', send, 'cancelled') == 1 and 'C' or 'F'
    call('HSET', send, 'job', letter)
    set_waiting(send, letter)
    write_counts()
else
    call('HDEL', send, 'job')
end
return 1
