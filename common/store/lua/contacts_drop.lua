
-- contacts_drop.lua - deletes a contact, and its place in all groups. ARGV[2] the contact. Replies 1, or 0: there is none.

local id = ARGV[2]
local value = call('HGET', CONTACTS, id)
if not value then
    return 0
end
local digits = digits_of(value)
for _, group in ipairs(groups_of(id)) do
    call('ZREM', members_key(group), digits .. '/' .. id)
end
remove_phone(digits, id)
call('ZREM', ORDER, id)
call('HDEL', GROUPS_OF, id)
call('HDEL', CONTACTS, id)
return 1
