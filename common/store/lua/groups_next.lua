
-- groups_next.lua - the members of a group in the order of their numbers, each number once; those without one are left out.
-- ARGV[2] the group, ARGV[3] the digits after which to begin ('' from the start), ARGV[4] how many at most.
-- Replies digits, contact for each. Fewer than asked for: there are no more.

local key, after, most = members_key(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local reply = {}
repeat
    local members = call('ZRANGEBYLEX', key, '[' .. after .. '0', '+', 'LIMIT', 0, most)
    for _, member in ipairs(members) do
        local digits = digits_of(member)
        if digits ~= after and #reply < 2 * most then
            reply[#reply + 1] = digits
            reply[#reply + 1] = string.sub(member, -ID)
            after = digits
        end
    end
until #members < most or #reply >= 2 * most
return reply
