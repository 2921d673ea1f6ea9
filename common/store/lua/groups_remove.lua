
-- groups_remove.lua - takes a contact out of a group. ARGV[2] the group, ARGV[3] the contact.
-- Replies 1, or 0: there is no such group, or it is no member.

local group, id = ARGV[2], ARGV[3]
local value = call('HGET', CONTACTS, id)
if not value or not is_group(group) or call('ZREM', members_key(group), digits_of(value) .. '/' .. id) == 0 then
    return 0
end
local groups = {}
for _, other in ipairs(groups_of(id)) do
    if other ~= group then
        groups[#groups + 1] = other
    end
end
save_groups(id, groups)
return 1
