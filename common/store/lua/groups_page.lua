
-- groups_page.lua - some groups in the order of their creation. ARGV[2] how many are skipped, ARGV[3] how many at most.
-- Replies how many there are, then for each: the group, its JSON, its members, those of them that have a number.

local first, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local reply = { call('ZCARD', GROUPS_ORDER) }
for _, group in ipairs(call('ZRANGE', GROUPS_ORDER, first, first + most - 1)) do
    local n = #reply
    reply[n + 1] = group
    reply[n + 2] = call('HGET', GROUPS, group) or ''
    reply[n + 3] = call('ZCARD', members_key(group))
    reply[n + 4] = call('ZLEXCOUNT', members_key(group), '[0', '+')
end
return reply
