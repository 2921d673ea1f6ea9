-- keyword_change.lua - writes the keyword with the id ARGV[1] over, if it is still what was read. KEYS as in
-- keyword_put.lua. ARGV[2] what was read, ARGV[3] what it becomes. Replies 'made', 'changed' (by somebody else) or 'absent'.

local call = redis.call
local keyword = call('HGET', KEYS[2], ARGV[1])
local before = keyword and call('HGET', KEYS[1], keyword)
if not before then
    return 'absent'
end
if before ~= ARGV[2] then
    return 'changed'
end
call('HSET', KEYS[1], keyword, ARGV[3])
return 'made'
