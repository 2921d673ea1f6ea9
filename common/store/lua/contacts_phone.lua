
-- contacts_phone.lua - all contacts that have a number, which is ARGV[2]. Replies as contacts_page.lua.

local ids = with_phone(ARGV[2])
local reply = { #ids / ID }
for id in string.gmatch(ids, ONE_ID) do
    reply[#reply + 1] = id
    reply[#reply + 1] = call('HGET', CONTACTS, id) or ''
end
return reply
