
-- groups_get.lua - groups by their ids, which are ARGV from the second. Replies for each as groups_page.lua; its JSON is ''
-- when there is no such group.

local reply = {}
for i = 2, #ARGV do
    local n, group = #reply, ARGV[i]
    reply[n + 1] = group
    reply[n + 2] = call('HGET', GROUPS, group) or ''
    reply[n + 3] = call('ZCARD', members_key(group))
    reply[n + 4] = call('ZLEXCOUNT', members_key(group), '[0', '+')
end
return reply
