
-- packed.lua - lists of sends in the order of their ids, which is that of their time.
--
-- A list is cut into leaves of up to LEAF_MOST records. A leaf, <list>:<number>, is a string of records of 16 bytes: a
-- send's id (13) and 24 bits: 0 for a single send, WAITING for a send of many of which no chunk was made yet, else how
-- many messages of it there are. The list itself is a string: the number that the next leaf gets (32 bits), then for each
-- leaf 21 bytes: the least id that it may hold (13), its number, and how many messages it has (32 bits each). So nearly
-- all that is added is appended, 16 bytes a send, and where a message stands among all can be counted.
--
-- Lists of an account: l:{account}:all, l:{account}:in (what it received), l:{account}:f<sender> (what it sent as that),
-- l:{account}:many (its sends of many; each is WAITING for good, and so counts as one).

local RECORD, LEAF, DIRECTORY, LEAF_MOST, WAITING = 16, 21, 4, 2048, 0xffffff
local LEAST_ID = string.rep('\0', 13)
local list_call, list_pack, list_unpack, list_sub = redis.call, struct.pack, struct.unpack, string.sub

-- Compares ids of 13 bytes as bytes. (Lua compares strings as the server's locale has them.)
local function id_less(a, b)
    local a1, a2, a3 = list_unpack('>I6I6B', a)
    local b1, b2, b3 = list_unpack('>I6I6B', b)
    if a1 ~= b1 then
        return a1 < b1
    end
    if a2 ~= b2 then
        return a2 < b2
    end
    return a3 < b3
end

local function part(key, at, bytes)
    return list_call('GETRANGE', key, at, at + bytes - 1)
end

-- Of the sorted records (each `width` bytes, from `head` on) of a key: how many have a lesser id.
local function count_less(key, head, width, count, id)
    local low, high = 0, count
    while low < high do
        local middle = math.floor((low + high) / 2)
        if id_less(part(key, head + middle * width, 13), id) then
            low = middle + 1
        else
            high = middle
        end
    end
    return low
end

local function leaf_count(list)
    return math.max(0, (list_call('STRLEN', list) - DIRECTORY) / LEAF)
end

-- Which leaf (from 0) holds the id, if any does.
local function leaf_of(list, leaves, id)
    local last = DIRECTORY + (leaves - 1) * LEAF
    if not id_less(id, part(list, last, 13)) then
        return leaves - 1
    end
    local at = count_less(list, DIRECTORY, LEAF, leaves, id)
    if at < leaves and part(list, DIRECTORY + at * LEAF, 13) == id then
        return at
    end
    return math.max(0, at - 1)
end

-- The key of a leaf, and how many messages it has.
local function leaf_at(list, n)
    local number, weight = list_unpack('>I4I4', part(list, DIRECTORY + n * LEAF + 13, 8))
    return list .. ':' .. number, weight
end

local function leaf_size(key)
    return list_call('STRLEN', key) / RECORD
end

-- How many messages a record stands for.
local function weight_of(record)
    local count = list_unpack('>I3', record, 14)
    return (count == 0 or count == WAITING) and 1 or count
end
