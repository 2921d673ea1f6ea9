
-- groups_drop.lua - deletes a group. ARGV[2] the group. Replies 1, or 0: there is none.
-- Its members are freed by a thread of Redis' own, and forget it when they change (directory.lua): so it costs the same
-- for one and for a million.

local group = ARGV[2]
call('ZREM', GROUPS_ORDER, group)
call('UNLINK', members_key(group))
return call('HDEL', GROUPS, group)
