-- profiles.lua - what the scripts on sender profiles share; each is this text followed by its own.
--
-- KEYS[1] profiles:{account}: id -> the profile as JSON (common/store/profiles.h). KEYS[2] sender:{account}: the default.
-- An account has a hundred profiles at most, so each script reads them all.

local call = redis.call

local function load_profiles()
    local all, count, flat = {}, 0, call('HGETALL', KEYS[1])
    for i = 1, #flat, 2 do
        all[flat[i]] = cjson.decode(flat[i + 1])
        count = count + 1
    end
    return all, count
end

local function save(profile)
    local text = cjson.encode(profile)
    call('HSET', KEYS[1], profile.id, text)
    return text
end

local function older(a, b)
    return not b or a.created_at < b.created_at
end

-- Of all that are approved, one is the default: the one that is asked for, else the present one, else the oldest.
local function choose(all, wanted)
    if wanted and wanted.approval == 'approved' then
        return wanted
    end
    local oldest
    for _, profile in pairs(all) do
        if profile.approval == 'approved' then
            if profile.is_default then
                return profile
            end
            oldest = older(profile, oldest) and profile or oldest
        end
    end
    return oldest
end

-- Makes it so, and writes every profile that changes by it.
local function settle(all, wanted)
    local chosen = choose(all, wanted)
    for _, profile in pairs(all) do
        local is_default = profile == chosen
        if profile.is_default ~= is_default then
            profile.is_default = is_default
            save(profile)
        end
    end
    if chosen then
        local reply = chosen.allow_reply and not chosen.custom
        call('SET', KEYS[2], chosen.id .. (reply and ' 1 ' or ' 0 ') .. chosen.sender_id)
    else
        call('DEL', KEYS[2])
    end
end
