
-- profile_decide.lua - approves or rejects a sender profile. ARGV: its id; 'approved' or 'rejected'; the reason.
-- Replies the profile, or the text 'absent'. To approve what is approved changes nothing, also not the default.

local all = load_profiles()
local profile = all[ARGV[1]]
if not profile then
    return 'absent'
end
local wished = profile.wants_default and profile.approval ~= ARGV[2]
profile.approval = ARGV[2]
profile.reason = ARGV[3]
save(profile)
settle(all, wished and profile)
return cjson.encode(profile)
