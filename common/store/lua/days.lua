-- days.lua - reads the counters of an account's days, as they are at one moment. KEYS: d:{account}:<day>, at most some
-- sixty. Replies for each what its hash holds; nothing for a day without messages.

local replies = {}
for i, key in ipairs(KEYS) do
    replies[i] = redis.call('HGETALL', key)
end
return replies
