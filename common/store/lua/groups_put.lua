
-- groups_put.lua - makes a group, or changes one that is as it was read.
-- ARGV[2] the group, ARGV[3] its JSON as it was read ('' for a new one), ARGV[4] its JSON, ARGV[5] the most groups.
-- Replies 1 written, 0 it is not as it was read, -1 there are too many.

local group, before = ARGV[2], ARGV[3]
local present = call('HGET', GROUPS, group)
if (present or '') ~= before then
    return 0
end
if not present and call('HLEN', GROUPS) >= tonumber(ARGV[5]) then
    return -1
end
call('HSET', GROUPS, group, ARGV[4])
call('ZADD', GROUPS_ORDER, '0', group)
return 1
