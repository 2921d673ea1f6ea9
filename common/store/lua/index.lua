
-- index.lua - what the list needs to find messages, written when their view is made. state.lua and packed.lua come before.
--
-- to:{account} has 24 bytes for each message: the last eight digits of its recipient, its id (16). ref:{account} has 22
-- for each send with a customer_ref: the reference's hash (8, keys.h), its id (13), and 's' for a single or 'm' for many.
-- These are logs: what is new is appended to them together. When a log is full its records go on to 250 buckets,
-- <log>:<bucket>, by the last three of the eight digits, or the first byte of the hash. All keep the order in which views were made.
-- The lists: packed.lua.

local LOG_MOST = 2048 -- records
local LOGS = {
    to = { width = 24, bucket_of = function(record) return math.floor(tonumber(sub(record, 6, 8)) / 4) end },
    ref = { width = 22, bucket_of = function(record) return byte(record) end },
}

-- name of a log -> what is new in it
local logged = {}
local function log_add(name, record)
    local records = logged[name]
    if not records then
        records = {}
        logged[name] = records
    end
    records[#records + 1] = record
end

local function empty_log(key, log)
    local records, buckets = call('GET', key), {}
    for at = 1, #records, log.width do
        local record = sub(records, at, at + log.width - 1)
        local number = log.bucket_of(record)
        local bucket = buckets[number]
        if bucket then
            bucket[#bucket + 1] = record
        else
            buckets[number] = { record }
        end
    end
    for number, bucket in pairs(buckets) do
        call('APPEND', key .. ':' .. number, table.concat(bucket))
    end
    call('DEL', key)
end

local function write_logs()
    for name, records in pairs(logged) do
        local key, log = name .. ':' .. account, LOGS[name]
        if call('APPEND', key, table.concat(records)) >= LOG_MOST * log.width then
            empty_log(key, log)
        end
    end
end

-- list -> `order`, the sends' digits as they came, and digits -> { id, how many messages are new; 0: it is a single }
local pending = {}
local function list_add(list, digits, id, messages)
    local sends = pending[list]
    if not sends then
        sends = { order = {} }
        pending[list] = sends
    end
    local send = sends[digits]
    if send then
        send.messages = send.messages + messages
    else
        sends[digits] = { id = id, messages = messages }
        sends.order[#sends.order + 1] = digits
    end
end

local function record_of(send)
    return send.id .. list_pack('>I3', send.messages)
end

-- A record with what is new added, and by how many messages it grew.
local function grown(record, send)
    local had = list_unpack('>I3', record, 14)
    local has = had == WAITING and send.messages or math.min(had + send.messages, WAITING - 1)
    local new = list_sub(record, 1, 13) .. list_pack('>I3', has)
    return new, weight_of(new) - weight_of(record)
end

-- Puts sends[first..last], in order, into sorted records. Returns the records, and how many messages came to them.
local function merge(records, sends, first, last)
    local pieces, from, weight = {}, 0, 0
    for i = first, last do
        local send, low, high = sends[i], from, #records / RECORD
        while low < high do
            local middle = math.floor((low + high) / 2)
            if id_less(list_sub(records, middle * RECORD + 1, middle * RECORD + 13), send.id) then
                low = middle + 1
            else
                high = middle
            end
        end
        pieces[#pieces + 1] = list_sub(records, from * RECORD + 1, low * RECORD)
        local there = list_sub(records, low * RECORD + 1, (low + 1) * RECORD)
        if list_sub(there, 1, 13) == send.id then
            local record, more = grown(there, send)
            pieces[#pieces + 1] = record
            weight, from = weight + more, low + 1
        else
            pieces[#pieces + 1] = record_of(send)
            weight, from = weight + weight_of(record_of(send)), low
        end
    end
    pieces[#pieces + 1] = list_sub(records, from * RECORD + 1)
    return table.concat(pieces), weight
end

local function weight_of_all(records)
    local weight = 0
    for at = 1, #records, RECORD do
        weight = weight + weight_of(list_sub(records, at, at + RECORD - 1))
    end
    return weight
end

-- Cuts a leaf that has grown too large in two. What comes last in the list is filled; elsewhere both get a half.
local function split(list, n)
    local key, weight = leaf_at(list, n)
    local records, next_number = list_call('GET', key), list_unpack('>I4', part(list, 0, 4))
    local is_last = n == leaf_count(list) - 1
    local keep = is_last and LEAF_MOST or math.floor(#records / RECORD / 2)
    local rest = list_sub(records, keep * RECORD + 1)
    local moved = weight_of_all(rest)
    list_call('SET', key, list_sub(records, 1, keep * RECORD)) -- anew: without the room that appending had made
    list_call('SET', list .. ':' .. next_number, rest)
    local behind = DIRECTORY + (n + 1) * LEAF
    local entry = list_sub(rest, 1, 13) .. list_pack('>I4I4', next_number, moved)
    list_call('SETRANGE', list, behind, entry .. list_call('GETRANGE', list, behind, -1))
    list_call('SETRANGE', list, behind - 4, list_pack('>I4', weight - moved))
    list_call('SETRANGE', list, 0, list_pack('>I4', next_number + 1))
end

-- Writes sends[first..last], which all belong into leaf n.
local function write_leaf(list, n, sends, first, last)
    local key, weight = leaf_at(list, n)
    local count = leaf_size(key)
    local at = count
    if count > 0 and not id_less(part(key, (count - 1) * RECORD, 13), sends[first].id) then
        at = count_less(key, 0, RECORD, count, sends[first].id)
    end
    local there = at < count and part(key, at * RECORD, RECORD) or ''
    if first == last and list_sub(there, 1, 13) == sends[first].id then -- one more chunk of a send
        local record, more = grown(there, sends[first])
        list_call('SETRANGE', key, at * RECORD, record)
        weight = weight + more
    else
        local records, more = merge(at < count and list_call('GETRANGE', key, at * RECORD, -1) or '', sends, first, last)
        list_call('SETRANGE', key, at * RECORD, records)
        weight, count = weight + more, at + #records / RECORD
    end
    list_call('SETRANGE', list, DIRECTORY + n * LEAF + 17, list_pack('>I4', weight))
    if count > LEAF_MOST then
        split(list, n)
    end
end

local function write_list(list, sends)
    local leaves, i = leaf_count(list), 1
    if leaves == 0 then
        list_call('SET', list, list_pack('>I4', 2) .. LEAST_ID .. list_pack('>I4I4', 1, 0))
        leaves = 1
    end
    while i <= #sends do
        local n, last = leaf_of(list, leaves, sends[i].id), #sends
        if n < leaves - 1 then -- up to where the next leaf begins
            local till = part(list, DIRECTORY + (n + 1) * LEAF, 13)
            last = i
            while last < #sends and id_less(sends[last + 1].id, till) do
                last = last + 1
            end
        end
        write_leaf(list, n, sends, i, last)
        leaves, i = leaf_count(list), last + 1
    end
end

local function is_sorted(texts)
    for i = 2, #texts do
        if texts[i] < texts[i - 1] then
            return false
        end
    end
    return true
end

write_index = function()
    for list, by_digits in pairs(pending) do
        local order, sends = by_digits.order, {}
        if not is_sorted(order) then
            table.sort(order)
        end
        for i, digits in ipairs(order) do
            sends[i] = by_digits[digits]
        end
        write_list(list, sends)
    end
    write_logs()
end

local function add_send(plan, digits, messages)
    list_add('l:' .. account .. ':all', digits, plan.id, messages)
    if plan.from ~= '' then
        list_add('l:' .. account .. ':f' .. plan.from, digits, plan.id, messages)
    end
end

-- A send of many, which comes to the list of those once.
local function add_many(plan, digits)
    list_add('l:' .. account .. ':many', digits, plan.id, WAITING)
end

local function add_reference(plan, kind)
    if plan.ref ~= '' then
        log_add('ref', plan.ref .. plan.id .. kind)
    end
end

local function add_recipient(digits, id)
    log_add('to', sub('0' .. digits, -8) .. id)
end

-- By what the send is found (plan.h): its id (13 bytes), the length of the hash of its customer_ref, the hash, and what it is
-- sent from.
local function read_found_by(plan)
    local ref_end = 14 + byte(plan.found_by, 14)
    plan.id, plan.ref, plan.from = sub(plan.found_by, 1, 13), sub(plan.found_by, 15, ref_end), sub(plan.found_by, ref_end + 1)
end

index_single = function(key, plan)
    read_found_by(plan)
    add_send(plan, sub(key, DIGITS_AT), 0)
    add_reference(plan, 's')
    add_recipient(plan.numbers, plan.id .. '\0\0\0')
end

-- The first of a send's chunks takes the place of the send itself, if that is in the list.
local function index_first(send, plan)
    if call('HEXISTS', send, 'waiting') == 1 then
        set_waiting(send, nil)
    else
        add_reference(plan, 'm')
        add_many(plan, sub(send, DIGITS_AT))
    end
end

-- recipients: the digits of each.
index_chunk = function(key, plan, recipients)
    read_found_by(plan)
    local send, number = send_key(key), tonumber(sub(key, DIGITS_AT + 27))
    for place, digits in ipairs(recipients) do
        add_recipient(digits, plan.id .. pack('>I3', number * 100 + place))
    end
    add_send(plan, sub(key, DIGITS_AT, DIGITS_AT + 25), #recipients)
    local top = call('HGET', send, 'top')
    if not top then
        index_first(send, plan)
    end
    if number > tonumber(top or -1) then
        call('HSET', send, 'top', number)
    end
end

-- A send that is not yet cut into chunks.
index_waiting = function(send, plan, letter)
    read_found_by(plan)
    set_waiting(send, letter)
    add_send(plan, sub(send, DIGITS_AT), WAITING)
    add_reference(plan, 'm')
    add_many(plan, sub(send, DIGITS_AT))
end
