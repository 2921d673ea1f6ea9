
-- list.lua - reads messages, newest first: those of later sends first, of one send the last one first. packed.lua,
-- settled.lua and list_visit.lua come before.
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

-- The first message of what a set calls so.
local function below_member(member)
    return message_id(id_of(sub(member, 1, 26)), #member > 26 and tonumber(sub(member, 27)) * 100 + 1 or 0)
end

local function visit_member(member, sure)
    local hex = sub(member, 1, 26)
    local id, below = id_of(hex), nil
    below = below_in(id, resume)
    if not from_fits(id, hex) then
        pass_over(message_id(id, 0))
    elseif #member > 26 then
        visit_chunk(id, hex, tonumber(sub(member, 27)), below)
    else
        visit_single(id, hex, sure)
    end
end

-- Puts the members of one set, from `most` down, into found. Returns the least, if there may be more below it.
local function gather_members(letter, singles_only, range, found)
    local members = call('ZREVRANGEBYLEX', 'z:' .. account .. ':' .. letter, range.most, range.least, 'LIMIT', 0, BLOCK)
    for _, member in ipairs(members) do
        if #member > 26 and singles_only then
            looked = looked + PASSED_COST
        elseif not found[member] then
            found[member] = true
            found[#found + 1] = member
        end
    end
    return #members == BLOCK and members[BLOCK] or nil
end

-- Of two members below which there may be more: the one to go on from.
local function upper_of(till, last)
    return last and (not till or last > till) and last or till
end

-- Chunks of cancelled sends that are in the sets of what waits until sweep.lua has been there.
local function gather_unswept(range, found)
    local sends = call('ZREVRANGEBYLEX', 'z:' .. account .. ':X', range.most, range.least, 'LIMIT', 0, BLOCK)
    local till = #sends == BLOCK and sends[BLOCK] or nil
    for _, hex in ipairs(sends) do
        local inside = { most = '[' .. hex .. '999999', least = '[' .. hex }
        if sub(range.most, 2, 27) == hex then
            inside.most = range.most
        end
        till = upper_of(till, gather_members('W', false, inside, found))
        till = upper_of(till, gather_members('Q', false, inside, found))
        if #found > 4 * BLOCK then
            return upper_of(till, hex), #sends > 0
        end
    end
    return till, #sends > 0
end

-- The members of all sets that may hold messages of the statuses. Singles that are SENDING are in the set of QUEUED.
local function gather_all(wanted, range)
    local found, till = {}, nil
    local alias = string.find(wanted, 'S', 1, true) and not string.find(wanted, 'Q', 1, true)
    local letters_ = alias and wanted .. 'Q' or wanted
    for i = 1, #letters_ do
        local last = gather_members(sub(letters_, i, i), alias and i == #letters_, range, found)
        till = upper_of(till, last)
    end
    local several = #letters_ > 1
    if string.find(wanted, 'C', 1, true) then
        local last, some = gather_unswept(range, found)
        till, several = upper_of(till, last), several or some
    end
    if several then
        table.sort(found, function(a, b) return a > b end)
    end
    return found, till
end

-- The sets of one status or several, merged.
local function walk_status(wanted)
    local below, hex = number_of(resume), hex_of(sub(resume, 1, 13))
    local range = { least = '[' .. hex_of(lower_id) }
    range.most = below == 0 and '(' .. hex or '[' .. hex .. string.format('%06d', math.floor((below - 1) / 100))
    local sure = by_status and (not string.find(wanted, '[QS]') or string.find(wanted, 'Q.*S') ~= nil)
    repeat
        local found, till = gather_all(wanted, range)
        for _, member in ipairs(found) do
            if till and member < till then
                break
            end
            if sure and skip > 1 and #member == 26 and from == '' and looked < budget then -- as visit_single would
                looked, skip = looked + PASSED_COST, skip - 1
            else
                visit_member(member, sure)
            end
            if stopped then
                return
            end
        end
        range.most = till and '(' .. till
        if till and looked >= budget then
            looked_at(below_member(till))
        end
    until not till or stopped
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

-- The records of one bucket: those in it, and behind them those that are still in its log.
-- mark: the bytes of a record from which on `marks` has those of this bucket.
local function open_bucket(name_, number_, width, mark, marks)
    local key = name_ .. ':' .. account
    local log, records, last = call('GET', key) or '', {}, mark + #next(marks) - 1
    for at = 0, #log - width, width do
        if marks[sub(log, at + mark, at + last)] then
            records[#records + 1] = sub(log, at + 1, at + width)
        end
    end
    key = key .. ':' .. number_
    return { key = key, width = width, stored = call('STRLEN', key) / width, log = records }
end

local function records_of_window(bucket)
    local first, width = window * WINDOW, bucket.width
    local stored = first < bucket.stored and part(bucket.key, first * width, WINDOW * width) or ''
    local from_ = math.max(first - bucket.stored, 0)
    return stored .. table.concat(bucket.log, '', from_ + 1, math.min(#bucket.log, first + WINDOW - bucket.stored))
end

-- What follows the prefix in the window's records that have it, in the order of ids.
local function find_records(bucket, prefix)
    local records, found, width = records_of_window(bucket), {}, bucket.width
    local n = #prefix
    for at = 1, #records, width do
        if sub(records, at, at + n - 1) == prefix then
            found[#found + 1] = sub(records, at + n, at + width - 1)
        end
    end
    sort(found)
    return found
end

-- Windows from the last to the first; in each, messages from the greatest to the least.
local function walk_windows(bucket, prefix, visit)
    local last = math.ceil((bucket.stored + #bucket.log) / WINDOW) - 1
    if window < 0 or window > last then
        window, resume = last, upper
    end
    while window >= 0 do
        local found = find_records(bucket, prefix)
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
    if not from_fits(id, hex) then
        pass_over(message)
    elseif message_number == 0 then
        visit_single(id, hex)
    else
        local chunk = math.floor((message_number - 1) / 100)
        local key = 'c:' .. account .. ':' .. hex .. ':' .. chunk
        local line = call('HGET', key, message_number - chunk * 100)
        looked = looked + 1
        line = line and settled(line, cancelled(hex))
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
    local hex = hex_of(id)
    if not from_fits(id, hex) then
        pass_over(message_id(id, 0))
    elseif sub(record, 14) == 's' then
        visit_single(id, hex)
    else
        visit_send(id, hex, below_in(id, resume))
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
    if not in_bounds(id) or not from_fits(id, hex) or not reference_fits(hex, ref) then
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
    if driver == 'status' and letters == 'F' and why ~= 0 and from == '' and not bounded then
        return tonumber(call('HGET', ALL, 'e' .. why) or 0)
    elseif not by_status or from ~= '' then
        return -1
    elseif driver == 'status' or driver == 'list' and name == 'all' and not bounded then
        return bounded and -1 or count_by_status()
    elseif driver == 'list' then
        return all_pass and count_in_list('l:' .. account .. ':' .. name) or -1
    end
    return -1
end

local found_total = wants_total and total() or -1
if found_total == 0 then
    return { '', -1, skip, 0 }
elseif driver == 'list' then
    walk_list('l:' .. account .. ':' .. name)
elseif driver == 'status' then
    walk_status(name)
elseif driver == 'to' then
    local digits, marks = sub('0' .. name, -8), {}
    local number_ = math.floor(tonumber(sub(digits, 6)) / 4)
    for i = 0, 3 do
        marks[string.format('%03d', number_ * 4 + i)] = true
    end
    walk_windows(open_bucket('to', number_, 24, 6, marks), digits, visit_message)
elseif driver == 'ref' then
    walk_windows(open_bucket('ref', byte(name), 22, 1, { [sub(name, 1, 1)] = true }), name, visit_referrer)
else
    walk_send(sub(name, 1, 13), #name > 13 and sub(name, 15) or nil)
end
rows[1], rows[2], rows[3], rows[4] = stopped and resume or '', window, skip, found_total
return rows
