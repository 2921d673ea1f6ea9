
-- profile_remove.lua - takes a sender profile away. ARGV: its id.
-- Replies the profile, or the text 'absent', or 'only': it is the default, and there is no other.

local all, count = load_profiles()
local profile = all[ARGV[1]]
if not profile then
    return 'absent'
end
if profile.is_default and count == 1 then
    return 'only'
end
call('HDEL', KEYS[1], profile.id)
all[profile.id] = nil
settle(all)
return cjson.encode(profile)
