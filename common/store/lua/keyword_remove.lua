-- keyword_remove.lua - takes the keyword with the id ARGV[1] away. KEYS as in keyword_put.lua. Replies the keyword; nil:
-- there was none.

local call = redis.call
local keyword = call('HGET', KEYS[2], ARGV[1])
if keyword then
    call('HDEL', KEYS[1], keyword)
    call('HDEL', KEYS[2], ARGV[1])
end
return keyword
