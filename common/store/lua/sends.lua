
-- sends.lua - reads sends, newest first: list.lua, which comes after it, with sends in the place of messages. packed.lua
-- and list_visit.lua come before.
--
-- ARGV beside list.lua's: the letters of statuses, and those of states ('' any).
-- The first pair of the reply is '' and a list: the time in ms, then of all that were returned or skipped: how many sends,
-- the parts that carriers accepted, when the first and the last of them began (s; 0: none did), and how many messages of
-- each status. The other pairs: a send's id (16 bytes), and a
-- list: the letter of its status, the letter of its state, then the fields of s:; of a single '' and its string.
--
-- States: s it waits for its time, p paused, r running, c cancelled, f all its messages have come to their end.

local wanted_statuses, wanted_states = text(), text()
local SEND_COST, STATUS_ORDER, LINE_COUNTED, LINE_HELD = 5, 'WQSTDFC', 1, 16
local sends_clock = call('TIME')
local sends_now = tonumber(sends_clock[1]) * 1000 + math.floor(tonumber(sends_clock[2]) / 1000)
local sums = { sends_now, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
add('', sums)

if wanted_statuses ~= '' or wanted_states ~= '' then
    by_status, all_pass = false, false -- only a look tells
end

-- The least advanced status; of what is final: delivered before failed before cancelled. A send of which not all chunks are
-- made has the status of its job, too.
local function status_of(fields)
    local job = fields.job
    if fields.cancelled and job ~= 'F' then
        job = nil
    end
    for i = 1, #STATUS_ORDER do
        local letter = sub(STATUS_ORDER, i, i)
        if job == letter or tonumber(fields[letter] or 0) > 0 then
            return letter
        end
    end
    return fields.cancelled and 'C' or 'Q'
end

-- cancelled: some of it was.
local function state_of(status, cancelled, paused, due)
    if cancelled or status == 'C' then
        return 'c'
    elseif status == 'D' or status == 'F' then
        return 'f'
    elseif paused then
        return 'p'
    end
    return status == 'W' and due > sends_now and 's' or 'r'
end

-- What is said of all that pass.
local function add_up(counts_, units, began)
    sums[2] = sums[2] + 1
    sums[3] = sums[3] + units
    if began > 0 then
        sums[4] = sums[4] == 0 and began or math.min(sums[4], began)
        sums[5] = math.max(sums[5], began)
    end
    for i = 1, #STATUS_ORDER do
        sums[i + 5] = sums[i + 5] + tonumber(counts_[sub(STATUS_ORDER, i, i)] or 0)
    end
end

local function take_send(id, row, counts_, units, began)
    looked = looked + SEND_COST
    if (wanted_statuses == '' or string.find(wanted_statuses, row[1], 1, true)) and
        (wanted_states == '' or string.find(wanted_states, row[2], 1, true)) then
        take(message_id(id, 0), row)
        if not more then
            add_up(counts_, units, began)
        end
    end
    looked_at(message_id(id, 0))
end

visit_send = function(id, hex)
    local row, fields = { '', '' }, {}
    for i, word in ipairs(call('HGETALL', 's:' .. account .. ':' .. hex)) do
        row[i + 2] = word
        if i % 2 == 0 then
            fields[row[i + 1]] = word
        end
    end
    if not fields.send then
        return looked_at(message_id(id, 0))
    end
    -- Inside a text a quote has a backslash before it, so these words are found nowhere else.
    local due = tonumber(fields.due or string.match(fields.send, ',"due":(%d+)') or 0)
    row[1] = status_of(fields)
    local too_late = (row[1] == 'D' or row[1] == 'F') and tonumber(fields.C or 0) == 0
    row[2] = state_of(row[1], fields.cancelled and not too_late, fields.paused, due)
    local units, began = 0, 0
    if fields.pace and #fields.pace == 24 then
        units, began = unpack_bytes('>I6I6', fields.pace)
    end
    take_send(id, row, fields, units, math.floor(began / 1000))
end

visit_single = function(id, hex)
    local value = call('GET', 'm:' .. account .. ':' .. hex)
    if not value then
        return visit_send(id, hex)
    end
    local status, flags = sub(value, 1, 1), byte(value, 2)
    local when = unpack_bytes('>I6', value, 11)
    local row = { status, state_of(status, false, bit.band(flags, LINE_HELD) ~= 0, when), '', value }
    local units = bit.band(flags, LINE_COUNTED) ~= 0 and byte(value, 5) or 0
    take_send(id, row, { [status] = 1 }, units, unpack_bytes('>I4', value, 17))
end
