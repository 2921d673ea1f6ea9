-- directory.lua - contacts and groups of an account; the scripts that change them are this text followed by their own.
--
--   contacts:{account}         hash: contact -> "<digits of its number> <its JSON>"; no digits when it has no number
--   contacts_order:{account}   sorted set, all scores 0: contacts; their ids make it the order of creation
--   contacts_phone:{account}   hash: digits -> the contacts that have the number, one id behind the other
--   contacts_groups:{account}  hash: contact -> the groups that it is in, one id behind the other; of some that are deleted
--   groups:{account}           hash: group -> its JSON
--   groups_order:{account}     sorted set as of contacts
--   group:{account}:<group>    sorted set, all scores 0: "<digits>/<contact>", so that they stand in the order of numbers,
--                              those without a number first
--
-- Ids are 26 hexadecimal digits (common/base/id.h). KEYS[1] is the first of these keys, from which a cluster knows the
-- node; ARGV[1] is the account in its braces.

local call = redis.call
local account = ARGV[1]
local CONTACTS, ORDER = 'contacts:' .. account, 'contacts_order:' .. account
local PHONES, GROUPS_OF = 'contacts_phone:' .. account, 'contacts_groups:' .. account
local GROUPS, GROUPS_ORDER = 'groups:' .. account, 'groups_order:' .. account
local ID, ONE_ID = 26, string.rep('%x', 26)
local MOST_OF_A_NUMBER, MOST_GROUPS = 20, 100 -- CONTACTS_PER_PHONE, CONTACTS_GROUPS

local function members_key(group)
    return 'group:' .. account .. ':' .. group
end

local function digits_of(value)
    return string.match(value, '^%d*')
end

-- All but `id`.
local function without(ids, id)
    local others = {}
    for other in string.gmatch(ids, ONE_ID) do
        if other ~= id then
            others[#others + 1] = other
        end
    end
    return table.concat(others)
end

local function save_ids(key, field, ids)
    if ids == '' then
        call('HDEL', key, field)
    else
        call('HSET', key, field, ids)
    end
end

local function with_phone(digits)
    return call('HGET', PHONES, digits) or ''
end

local function remove_phone(digits, id)
    if digits ~= '' then
        save_ids(PHONES, digits, without(with_phone(digits), id))
    end
end

local function is_group(group)
    return call('HEXISTS', GROUPS, group) == 1
end

-- The groups of a contact that still exist: a deleted group is forgotten by its members one by one, when they change.
local function groups_of(id)
    local groups = {}
    for group in string.gmatch(call('HGET', GROUPS_OF, id) or '', ONE_ID) do
        if is_group(group) then
            groups[#groups + 1] = group
        end
    end
    return groups
end

local function save_groups(id, groups)
    save_ids(GROUPS_OF, id, table.concat(groups))
end

local function contains(list, wanted)
    for _, item in ipairs(list) do
        if item == wanted then
            return true
        end
    end
    return false
end
