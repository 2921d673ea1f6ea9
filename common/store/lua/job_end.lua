-- job_end.lua - all chunks of a job are made. KEYS[1] s:. One that had no recipients is FAILED, or CANCELLED.

if redis.call('HGET', KEYS[1], 'cursor') == '0/' then
    redis.call('HSET', KEYS[1], 'job', redis.call('HEXISTS', KEYS[1], 'cancelled') == 1 and 'C' or 'F')
else
    redis.call('HDEL', KEYS[1], 'job')
end
return 1
