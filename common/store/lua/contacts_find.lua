
-- contacts_find.lua - the oldest contact of each number. ARGV from the second: digits.
-- Replies for each number: the contact and its value, or '' and ''.

local reply = {}
for i = 2, #ARGV do
    local id = string.sub(with_phone(ARGV[i]), 1, ID)
    reply[#reply + 1] = id
    reply[#reply + 1] = id ~= '' and call('HGET', CONTACTS, id) or ''
end
return reply
