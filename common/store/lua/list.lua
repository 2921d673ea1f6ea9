
-- list.lua - reads messages, newest first: those of later sends first, of one send the last one first. packed.lua and
-- list_visit.lua come before.
--
-- KEYS[1] n:{account}. ARGV: the account in its braces; then
--   the driver, what finds messages, with its word: 'list' and a list's name, 'status' and its letters, 'to' and digits,
--     'ref' and a reference's hash, 'send' and its id,
--     behind which '=' and a customer_ref may stand
--   the position that a call before ended at, and its window (or '' and -1); the ids (16 bytes) that messages must be
--     below and must not be below
--   the letters of statuses ('' any), an error's number (0 any), the recipient's digits, what it was sent from ('' any)
--   how many to skip, how many to return, how many to look at; 1 when the total is wanted
-- Replies the position and the window at which it stopped ('' there is nothing more), how many are still to be skipped, the
-- total (-1: only counting tells), then pairs: a message's id (16 bytes) and its line (a single's with its description).
-- Before messages of a send of many: its id (13 bytes) and its description, then '' and its body; before one that has a
-- text of its own: '' and that.

local LEAST, GREATEST, WINDOW, WINDOW_COST, BLOCK = string.rep('\0', 16), string.rep('\255', 16), 2048, 100, 64
local lower_id = sub(lower, 1, 13)

-- The number below which messages of the send with this id are; nil: it is all of it.
local function below_in(id, bound)
    return id == sub(bound, 1, 13) and number_of(bound) or nil
end

-- --- a list ---

-- Where the walk begins: a leaf, and how many of its records are not above the bound.
local function place_of(list, leaves, bound)
    local id = sub(bound, 1, 13)
    local n = leaf_of(list, leaves, id)
    local key = leaf_at(list, n)
    local count = leaf_size(key)
    local at = count_less(key, 0, RECORD, count, id)
    if at < count and part(key, at * RECORD, 13) == id then
        at = at + 1 -- some of this send may be below the bound
    end
    return n, at
end

-- How many messages of the list are of sends below the id.
local function weight_below(list, leaves, bound)
    local n, at = place_of(list, leaves, bound)
    local weight, directory = 0, call('GET', list)
    for i = 0, n - 1 do
        weight = weight + unpack_bytes('>I4', directory, DIRECTORY + i * LEAF + 18)
    end
    local records = at > 0 and part(leaf_at(list, n), 0, at * RECORD) or ''
    for i = 0, at - 1 do
        local record = sub(records, i * RECORD + 1, (i + 1) * RECORD)
        if id_less(record, sub(bound, 1, 13)) then
            weight = weight + weight_of(record)
        end
    end
    return weight
end

local function count_in_list(list)
    local leaves = leaf_count(list)
    if leaves == 0 then
        return 0
    end
    return math.max(0, weight_below(list, leaves, upper) - weight_below(list, leaves, lower))
end

-- Skips records of a leaf, from the one before `at` down, as long as all of each may be skipped.
local function skip_records(key, at)
    local records = at > 0 and part(key, 0, at * RECORD) or ''
    while at > 0 do
        local weight = weight_of(sub(records, (at - 1) * RECORD + 1, at * RECORD))
        if weight > skip then
            break
        end
        skip, at = skip - weight, at - 1
    end
    return at
end

-- Skips as much as can be without a look at messages: whole leaves by what the list says of them.
local function seek(list, n, at)
    local most = lower == LEAST and skip or count_in_list(list)
    if most < skip then
        skip = skip - most
        return 0, 0
    end
    local directory = call('GET', list)
    at = skip_records(leaf_at(list, n), at)
    while at == 0 and n > 0 do
        n = n - 1
        local number_, weight = unpack_bytes('>I4I4', directory, DIRECTORY + n * LEAF + 14)
        if weight <= skip then
            skip = skip - weight
        else
            local key = list .. ':' .. number_
            at = skip_records(key, leaf_size(key))
        end
    end
    return n, at
end

-- False: it ends here.
local function visit_record(record)
    local id, messages = sub(record, 1, 13), unpack_bytes('>I3', record, 14)
    if id_less(id, lower_id) then
        return false
    end
    local below = below_in(id, resume)
    if below == 0 then
        return true
    end
    if messages == 0 then
        visit_single(id, hex_of(id))
    else
        visit_send(id, hex_of(id), below)
    end
    return not stopped
end

local function walk_leaf(key, at)
    while at > 0 do
        local from_ = math.max(0, at - BLOCK)
        local records = part(key, from_ * RECORD, (at - from_) * RECORD)
        for i = at - from_ - 1, 0, -1 do
            if not visit_record(sub(records, i * RECORD + 1, (i + 1) * RECORD)) then
                return false
            end
        end
        at = from_
    end
    return true
end

local function walk_list(list)
    local leaves = leaf_count(list)
    if leaves == 0 then
        return
    end
    local n, at = place_of(list, leaves, resume)
    if skip > 0 and all_pass and position == '' then
        n, at = seek(list, n, at)
    end
    while walk_leaf(leaf_at(list, n), at) and n > 0 do
        n = n - 1
        at = leaf_size(leaf_at(list, n))
    end
end

-- --- a status ---

local function visit_member(member)
    local hex = sub(member, 1, 26)
    local id, below = id_of(hex), nil
    below = below_in(id, resume)
    if not from_fits(id) then
        pass_over(message_id(id, 0))
    elseif #member > 26 then
        visit_chunk(id, hex, tonumber(sub(member, 27)), below)
    else
        visit_single(id, hex, by_status)
    end
end

-- Puts the members of one set, from `most` down, into found. Returns the least, if there may be more below it.
local function gather_members(letter, most, least, found)
    local members = call('ZREVRANGEBYLEX', 'z:' .. account .. ':' .. letter, most, least, 'LIMIT', 0, BLOCK)
    for _, member in ipairs(members) do
        if not found[member] then
            found[member] = true
            found[#found + 1] = member
        end
    end
    return #members == BLOCK and members[BLOCK] or nil
end

-- The sets of one status or several, merged.
local function walk_status(wanted)
    local least, below, hex = '[' .. hex_of(lower_id), number_of(resume), hex_of(sub(resume, 1, 13))
    local most = below == 0 and '(' .. hex or '[' .. hex .. string.format('%06d', math.floor((below - 1) / 100))
    repeat
        local found, till = {}, nil
        for i = 1, #wanted do
            local last = gather_members(sub(wanted, i, i), most, least, found)
            till = last and (not till or last > till) and last or till
        end
        if #wanted > 1 then
            table.sort(found, function(a, b) return a > b end)
        end
        for _, member in ipairs(found) do
            if till and member < till then
                break
            end
            visit_member(member)
            if stopped then
                return
            end
        end
        most = till and '(' .. till
    until not till
end

-- --- records in the order in which views were made: a recipient's, a reference's ---

local function sort(found)
    for i = 2, #found do
        if id_less(found[i], found[i - 1]) then
            local by_hex, order = {}, {}
            for k, id in ipairs(found) do
                order[k] = hex_of(id) .. string.format('%08x', unpack_bytes('>I3', id .. '\0\0', 14))
                by_hex[order[k]] = id
            end
            table.sort(order)
            for k, hex in ipairs(order) do
                found[k] = by_hex[hex]
            end
            return
        end
    end
end

-- What follows the prefix in the window's records that have it, in the order of ids.
local function find_records(key, prefix)
    local records, found = part(key, window * WINDOW * 20, WINDOW * 20), {}
    local n = #prefix
    for at = 1, #records, 20 do
        if sub(records, at, at + n - 1) == prefix then
            found[#found + 1] = sub(records, at + n, at + 19)
        end
    end
    sort(found)
    return found
end

-- Windows from the last to the first; in each, messages from the greatest to the least.
local function walk_windows(key, prefix, visit)
    local last = math.ceil(call('STRLEN', key) / 20 / WINDOW) - 1
    if window < 0 or window > last then
        window, resume = last, upper
    end
    while window >= 0 do
        local found = find_records(key, prefix)
        looked = looked + WINDOW_COST
        for i = #found, 1, -1 do
            visit(found[i])
            if stopped then
                return
            end
        end
        window, resume = window - 1, upper
        if looked >= budget and window >= 0 then
            stopped = true
            return
        end
    end
end

-- Is a message, or all of a send (id of 13 bytes), where it is asked for?
local function in_bounds(id)
    local send = sub(id, 1, 13)
    if id_less(send, lower_id) then
        return false
    end
    local below = below_in(send, resume)
    if below then
        return #id == 16 and number_of(id) < below or #id < 16 and below > 0
    end
    return id_less(send, sub(resume, 1, 13))
end

local function visit_message(message)
    local id, message_number = sub(message, 1, 13), number_of(message)
    if not in_bounds(message) then
        return
    end
    local hex = hex_of(id)
    if not from_fits(id) then
        pass_over(message)
    elseif message_number == 0 then
        visit_single(id, hex)
    else
        local chunk = math.floor((message_number - 1) / 100)
        local key = 'c:' .. account .. ':' .. hex .. ':' .. chunk
        local line = call('HGET', key, message_number - chunk * 100)
        looked = looked + 1
        if line and passes(line) then
            take_line(id, hex, message, line)
        end
        looked_at(message)
    end
end

local function visit_referrer(record)
    local id = sub(record, 1, 13)
    if not in_bounds(id) then
        return
    end
    if not from_fits(id) then
        pass_over(message_id(id, 0))
    elseif sub(record, 14) == 's' then
        visit_single(id, hex_of(id))
    else
        visit_send(id, hex_of(id), below_in(id, resume))
    end
end

-- --- one send ---

-- Does the send have the customer_ref? nil: any will do.
local function reference_fits(hex, ref)
    if not ref then
        return true
    end
    local single = call('GET', 'm:' .. account .. ':' .. hex)
    local text_ = single and string.match(single, '|(.*)$', 27) or call('HGET', 's:' .. account .. ':' .. hex, 'send')
    local read, description = pcall(cjson.decode, text_ or '')
    return read and description.ref == ref
end

local function walk_send(id, ref)
    local hex = hex_of(id)
    if not in_bounds(id) or not from_fits(id) or not reference_fits(hex, ref) then
        return
    end
    if call('EXISTS', 's:' .. account .. ':' .. hex) == 1 then
        visit_send(id, hex, below_in(id, resume))
    else
        visit_single(id, hex)
    end
end

-- --- totals that need no counting ---

local function count_by_status()
    local count = 0
    local wanted = letters == '' and 'WQSTDFCR' or letters
    for i = 1, #wanted do
        count = count + tonumber(call('HGET', ALL, sub(wanted, i, i)) or 0)
    end
    return count
end

local function total()
    local bounded = upper ~= GREATEST or lower ~= LEAST
    if not by_status or from ~= '' then
        return -1
    elseif driver == 'status' or driver == 'list' and name == 'all' and not bounded then
        return bounded and -1 or count_by_status()
    elseif driver == 'list' then
        return all_pass and count_in_list('l:' .. account .. ':' .. name) or -1
    end
    return -1
end

local found_total = wants_total and total() or -1
if driver == 'list' then
    walk_list('l:' .. account .. ':' .. name)
elseif driver == 'status' then
    walk_status(name)
elseif driver == 'to' then
    walk_windows('to:' .. account .. ':' .. sub(name, -4), sub('000' .. name, -8, -5), visit_message)
elseif driver == 'ref' then
    walk_windows('ref:' .. account .. ':' .. unpack_bytes('>H', name) % 4096, sub(name, 3), visit_referrer)
else
    walk_send(sub(name, 1, 13), #name > 13 and sub(name, 15) or nil)
end
rows[1], rows[2], rows[3], rows[4] = stopped and resume or '', window, skip, found_total
return rows
