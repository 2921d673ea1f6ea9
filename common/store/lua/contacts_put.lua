
-- contacts_put.lua - writes contacts, new ones and changed ones.
-- ARGV[2] a group that they become members of, or ''; ARGV[3] '1': a new one is only made if no other has its number.
-- Then for each: id, its JSON as it was read ('' for a new one), the digits of its number ('' for none), its JSON.
-- Replies for each: 1 written; 0 it is not as it was read; -1 too many contacts have the number; -2 it is in too many
-- groups. Nothing for all when there is no such group.

local WRITTEN, DIFFERS, TOO_MANY, TOO_MANY_GROUPS = 1, 0, -1, -2
local group, unique = ARGV[2], ARGV[3] == '1'

-- Or as it is to be: then this is a repetition, whose first answer was lost.
local function is_as_read(present, before, text)
    if not present then
        return before == ''
    end
    local json = string.sub(present, #digits_of(present) + 2)
    return json == before or json == text
end

-- The contacts with the number when this one is among them; nil when they are too many.
local function joined(digits, id)
    local others = with_phone(digits)
    if #others >= MOST_OF_A_NUMBER * ID then
        return nil
    end
    return others .. id
end

-- Its place in its groups is told by its number.
local function move(id, old_digits, new_digits, groups)
    for _, name in ipairs(groups) do
        call('ZREM', members_key(name), old_digits .. '/' .. id)
        call('ZADD', members_key(name), '0', new_digits .. '/' .. id)
    end
end

local function enter_group(id, digits, groups)
    if group ~= '' and not contains(groups, group) then
        groups[#groups + 1] = group
        save_groups(id, groups)
        call('ZADD', members_key(group), '0', digits .. '/' .. id)
    end
end

local function put(id, before, digits, text)
    local present = call('HGET', CONTACTS, id)
    if not is_as_read(present, before, text) then
        return DIFFERS
    end
    local old_digits = present and digits_of(present) or ''
    local moved, phones = present and digits ~= old_digits, nil
    if digits ~= '' and digits ~= old_digits then
        if not present and unique and with_phone(digits) ~= '' then
            return DIFFERS
        end
        phones = joined(digits, id)
        if not phones then
            return TOO_MANY
        end
    end
    local groups = (moved or group ~= '') and groups_of(id) or {}
    if group ~= '' and #groups >= MOST_GROUPS and not contains(groups, group) then
        return TOO_MANY_GROUPS
    end
    if moved then
        remove_phone(old_digits, id)
        move(id, old_digits, digits, groups)
    end
    if phones then
        call('HSET', PHONES, digits, phones)
    end
    if not present then
        call('ZADD', ORDER, '0', id)
    end
    call('HSET', CONTACTS, id, digits .. ' ' .. text)
    enter_group(id, digits, groups)
    return WRITTEN
end

if group ~= '' and not is_group(group) then
    return {}
end
local replies = {}
for i = 4, #ARGV, 4 do
    replies[#replies + 1] = put(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
end
return replies
