
-- contacts_page.lua - some contacts in the order of their creation, or the members of a group in that of their numbers.
-- ARGV[2] the group, or ''; ARGV[3] how many are skipped, ARGV[4] how many at most.
-- Replies how many there are, then the contact and its value for each. Nothing when there is no such group.

local group = ARGV[2]
if group ~= '' and not is_group(group) then
    return {}
end
local key = group ~= '' and members_key(group) or ORDER
local reply = { call('ZCARD', key) }
local first, most = tonumber(ARGV[3]), tonumber(ARGV[4])
for _, member in ipairs(call('ZRANGE', key, first, first + most - 1)) do
    local id = string.sub(member, -ID)
    reply[#reply + 1] = id
    reply[#reply + 1] = call('HGET', CONTACTS, id) or ''
end
return reply
