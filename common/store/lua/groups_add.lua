
-- groups_add.lua - makes contacts members of a group. ARGV[2] the group, ARGV[3] '1': only check; then contacts.
-- Replies how many were not members before, how many members there are, then for each contact: 1 fine, 0 there is no such
-- contact, -1 it is in too many groups. Nothing when there is no such group.

local group, only_check = ARGV[2], ARGV[3] == '1'
local added, reply = 0, { 0, 0 }

local function add(id)
    local value = call('HGET', CONTACTS, id)
    if not value then
        return 0
    end
    local groups = groups_of(id)
    if contains(groups, group) then
        return 1
    end
    if #groups >= MOST_GROUPS then
        return -1
    end
    if not only_check then
        groups[#groups + 1] = group
        save_groups(id, groups)
        call('ZADD', members_key(group), '0', digits_of(value) .. '/' .. id)
        added = added + 1
    end
    return 1
end

if not is_group(group) then
    return {}
end
for i = 4, #ARGV do
    reply[#reply + 1] = add(ARGV[i])
end
reply[1], reply[2] = added, call('ZCARD', members_key(group))
return reply
