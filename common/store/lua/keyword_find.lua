-- keyword_find.lua - the keyword with the id ARGV[1]. KEYS as in keyword_put.lua. Replies its JSON; nil: there is none.

local keyword = redis.call('HGET', KEYS[2], ARGV[1])
return keyword and redis.call('HGET', KEYS[1], keyword)
