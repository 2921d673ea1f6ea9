
-- profile_create.lua - a new sender profile. KEYS[3] numbers:{account}. ARGV: id, name, sender id, then 1 or 0 each for: a
-- brand's name, replies are allowed, to be the default; at last how many profiles an account may have.
-- Replies the profile, or the text 'taken' or 'full'.

local clock = call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local all, count = load_profiles()
for id, profile in pairs(all) do
    if id == ARGV[1] or profile.sender_id == ARGV[3] then
        return 'taken'
    end
    now = math.max(now, profile.created_at + 1) -- so that no two are of the same age
end
if count >= tonumber(ARGV[7]) then
    return 'full'
end

local custom = ARGV[4] == '1'
local approved = not custom and call('SISMEMBER', KEYS[3], ARGV[3]) == 1
local profile = {
    id = ARGV[1], name = ARGV[2], sender_id = ARGV[3], custom = custom, allow_reply = ARGV[5] == '1',
    wants_default = ARGV[6] == '1', is_default = false, approval = approved and 'approved' or 'pending', reason = '',
    created_at = now,
}
all[profile.id] = profile
save(profile)
settle(all, profile.wants_default and profile)
return cjson.encode(profile)
