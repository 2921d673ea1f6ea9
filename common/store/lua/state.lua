-- state.lua - the life of a message. The only place where a status is written; create, claim, record and report are
-- this text followed by their own.
--
-- A line (common/sms/line.h) is a message's state: 26 bytes, then the recipient's digits. A single send's line begins
-- the string m:{account}:<send>, with '|' and the send's description behind it. The lines of a send of many lie in
-- hashes c:{account}:<send>:<chunk>, place -> line, beside s:{account}:<send> (description, a count for each status, and
-- what job_open.lua says of a send that is still being cut into chunks) and b:{account}:<send> (the text;
-- t:{account}:<send>:<chunk>, place -> text, where each has one of its own). s: has also `pace`, how
-- many parts carriers accepted, since when and how quickly (common/sms/pace.h); e<error>, how many FAILED with it; and
-- `last` (s), when one came to its end last.
-- d:{account}:<day> counts messages by status, and in `u` the parts that carriers accepted on that day; it is kept for
-- DAYS_KEPT days. n:{account} counts them without a day, and in e<error> those that FAILED with it. Counts change here and nowhere else, in the same script as the
-- status, so they can't drift.
--
-- A send of many is cancelled at once, whatever its size: s: gets `cancelled` (the time in ms), and its counts of W and Q
-- become C (cancel.lua). Its lines that say W or Q are C from then on: load_line makes them so, without counting, and so
-- does sweep.lua, which comes by later. Until it has been everywhere the send is in z:{account}:X, and chunks of it may
-- be in the sets of W and Q. `paused` in s: says since when claims are told to come back later.
--
-- z:{account}:<status> has what holds messages of that status, but for DELIVERED, where most end: a single send by its
-- digits, a chunk by its send's and its number in six digits. A single that is SENDING, for a moment, stays in z:..:Q. Field n of a chunk's hash says how many of its lines have
-- each status: one byte each, in the order of LETTERS. How else the list finds messages: index.lua.
--
-- erased:{account} has digests of erased numbers, each with the time, and erased_salt:{account} their salt (erase_begin.lua).
--
-- KEYS has the key that holds each item's lines; the keys of counts are made from it, under the same hash tag.
-- ARGV[1] is the account in its braces. Times are Redis' own.

local FORMAT, HEAD = '>c1BHBBI4I6I4I4H', 26
local LINE_END = '41' -- the last byte of the longest line. Numbers go to Redis as text: converting one costs more than the call
local COUNTED, UNKNOWN, EARLIER, ERASED, HELD, MOVED, PROMISED = 1, 2, 4, 8, 16, 32, 64
local NOBODY = '999999999999999' -- the number of an erased line: E.164 gives 999 to no country
local DAYS_KEPT = 400
local PACE_MS, PACE_FORMAT, PACE_SIZE = 5000, '>I6I6I4I4I4', 24
local FINAL = { D = true, F = true, C = true }
local ERROR_EXPIRED, ERROR_OUTCOME, ERROR_CARRIER = 3, 4, 11
local CHANGED, SAME, REFUSED, ABSENT = 1, 0, -1, -2

local call, pack, unpack_line = redis.call, struct.pack, struct.unpack -- names cost look-ups
local byte, sub = string.byte, string.sub
local band, bor, bnot = bit.band, bit.bor, bit.bnot
local tonumber, ipairs, ARGV, KEYS = tonumber, ipairs, ARGV, KEYS

local clock = call('TIME')
local now_s = tonumber(clock[1])
local now = now_s * 1000 + math.floor(tonumber(clock[2]) / 1000)

local account = ARGV[1]
local at = 1
local function text()
    at = at + 1
    return ARGV[at]
end
local function number()
    return tonumber(text())
end

-- key -> field -> how much it changes
local counts = {}
local function count(key, field, by)
    local fields = counts[key]
    if not fields then
        fields = {}
        counts[key] = fields
    end
    fields[field] = (fields[field] or 0) + by
end

local ALL = 'n:' .. account
local DIGITS_AT = #account + 4 -- where the send's digits begin in a key
local LETTERS = 'WQSTDFCR'

-- letter -> member -> how its being in the set of that status changes
local sets = {}
local function put(letter, member, by)
    if letter == 'D' then
        return
    elseif letter == 'S' and #member == 26 then
        letter = 'Q'
    end
    local set = sets[letter]
    if not set then
        set = {}
        sets[letter] = set
    end
    set[member] = (set[member] or 0) + by
end

-- key of a chunk -> how many of its lines have each status, and `was`: what its field n says
local tallies = {}
local function tally_of(key)
    local tally = tallies[key]
    if not tally then
        tally = { was = call('HGET', key, 'n') or '\0\0\0\0\0\0\0\0' }
        for i = 1, 8 do
            tally[sub(LETTERS, i, i)] = byte(tally.was, i)
        end
        tallies[key] = tally
    end
    return tally
end

-- What the sets call a chunk: in the order of these names its send's chunks follow one another.
local function chunk_member(key)
    return sub(key, DIGITS_AT, DIGITS_AT + 25) .. string.format('%06d', sub(key, DIGITS_AT + 27))
end

-- A chunk is in the set of a status while it has lines of it.
local function write_tallies()
    for key, tally in pairs(tallies) do
        local member, bytes = chunk_member(key), {}
        for i = 1, 8 do
            local letter = sub(LETTERS, i, i)
            local had, has = byte(tally.was, i) > 0, tally[letter] > 0
            if had ~= has then
                put(letter, member, has and 1 or -1)
            end
            bytes[i] = string.char(math.max(tally[letter], 0))
        end
        call('HSET', key, 'n', table.concat(bytes))
    end
end

-- In pieces that a Lua call can take.
local function call_with(command, key, words)
    for i = 1, #words, 1000 do
        call(command, key, unpack(words, i, math.min(i + 999, #words)))
    end
end

local function write_sets()
    for letter, members in pairs(sets) do
        local key, added, removed = 'z:' .. account .. ':' .. letter, {}, {}
        for member, by in pairs(members) do
            if by > 0 then
                added[#added + 1] = '0'
                added[#added + 1] = member
            elseif by < 0 then
                removed[#removed + 1] = member
            end
        end
        call_with('ZADD', key, added)
        call_with('ZREM', key, removed)
    end
end

local day_keys = {}
local function day_key(day)
    local key = day_keys[day]
    if not key then
        key = 'd:' .. account .. ':' .. day
        day_keys[day] = key
    end
    return key
end

local function is_single(key)
    return byte(key) == 109 -- 'm'
end

-- 's:{account}:<send>' of 'c:{account}:<send>:<chunk>'
local send_keys = {}
local function send_key(key)
    local send = send_keys[key]
    if not send then
        send = 's' .. sub(key, 2, DIGITS_AT + 25)
        send_keys[key] = send
    end
    return send
end

local function digits_of(line)
    return string.match(line.bytes, '^%d+', HEAD + 1)
end

local function head_of(line)
    return pack(FORMAT, line.status, line.flags, line.attempt, line.parts, line.error, line.claim, line.when,
        line.sent, line.final, line.day)
end

-- Chunks of which lines are read or written: key -> its send's key, place -> bytes (false: no such line), which places are
-- to be written, and on a day, how the number of lines of a status changes. A place is as it was first given: text or number.
local chunks = {}
local function chunk_of(key)
    local chunk = chunks[key]
    if not chunk then
        chunk = { send = send_key(key), bytes = {}, dirty = {}, changed = {}, days = {} }
        chunks[key] = chunk
    end
    return chunk
end

-- Reads at once what load_line will be asked for. To look for a place costs as much as to read two.
local function read_ahead(key, places)
    local bytes, found = chunk_of(key).bytes, nil
    if #places > 50 then
        found = call('HGETALL', key)
        for i = 1, #found, 2 do
            local place = found[i]
            if bytes[place] == nil then
                bytes[place] = found[i + 1]
            end
        end
        return
    end
    found = call('HMGET', key, unpack(places))
    for i, place in ipairs(places) do
        if bytes[place] == nil then
            bytes[place] = found[i]
        end
    end
end

-- The texts of places, by number.
local function place_names()
    return {
        '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20',
        '21', '22', '23', '24', '25', '26', '27', '28', '29', '30', '31', '32', '33', '34', '35', '36', '37', '38',
        '39', '40', '41', '42', '43', '44', '45', '46', '47', '48', '49', '50', '51', '52', '53', '54', '55', '56',
        '57', '58', '59', '60', '61', '62', '63', '64', '65', '66', '67', '68', '69', '70', '71', '72', '73', '74',
        '75', '76', '77', '78', '79', '80', '81', '82', '83', '84', '85', '86', '87', '88', '89', '90', '91', '92',
        '93', '94', '95', '96', '97', '98', '99', '100'
    }
end

-- Calls each(key, place, ...) for all items of all keys and returns what it replies. ARGV[first] and on has a text for each
-- key: its items, one behind the other, in this format: a place, then as many fields as each takes.
local function each_item(first, format, width, each)
    local names, replies = place_names(), {}
    for i, key in ipairs(KEYS) do
        local items, places = ARGV[first + i - 1], {}
        for from = 1, #items, width do
            places[#places + 1] = names[byte(items, from)] or '0'
        end
        if #places > 1 and not is_single(key) then
            read_ahead(key, places)
        end
        for k, place in ipairs(places) do
            replies[#replies + 1] = each(key, place, unpack_line(format, items, (k - 1) * width + 1))
        end
    end
    return replies
end

-- Written with all others of its chunk, at the end.
local function write_line(line, bytes)
    local chunk, place = line.chunk, line.place
    line.bytes = bytes
    chunk.bytes[place] = bytes
    if not chunk.dirty[place] then
        chunk.dirty[place] = true
        chunk.changed[#chunk.changed + 1] = place
    end
end

local function save_line(line)
    if not line.chunk then
        call('SETRANGE', line.key, '0', head_of(line))
    else
        write_line(line, head_of(line) .. sub(line.bytes, HEAD + 1))
    end
end

-- What was said of a send of many since it was accepted: read once for all of its lines.
local controls = {}
local function control_of(send)
    local control = controls[send]
    if not control then
        local fields = call('HMGET', send, 'cancelled', 'paused', 'rate', 'tat', 'until')
        control = { cancelled = fields[1], paused = fields[2], rate = fields[3], tat = fields[4], till = fields[5] }
        controls[send] = control
    end
    return control
end

-- A line of a cancelled send that still says that it waits: it was counted as C when the send was cancelled.
local function settle(line, cancelled)
    local tally = tally_of(line.key)
    tally[line.status] = tally[line.status] - 1
    tally.C = tally.C + 1
    line.status, line.error, line.final = 'C', 0, math.floor(cancelled / 1000)
    save_line(line)
end

local function load_line(key, place)
    local bytes
    if is_single(key) then
        bytes = call('GETRANGE', key, '0', LINE_END)
    else
        local read = chunk_of(key).bytes
        bytes = read[place]
        if bytes == nil then
            bytes = call('HGET', key, place)
            read[place] = bytes
        end
    end
    if not bytes or #bytes < HEAD then -- not there; one that is cut is as good as not there, and must not fail others
        return nil
    end
    local status, flags, attempt, parts, why, claim, when, sent, final, day = unpack_line(FORMAT, bytes)
    local line = { key = key, place = place, chunk = chunks[key], bytes = bytes, status = status, flags = flags, attempt = attempt, parts = parts,
        error = why, claim = claim, when = when, sent = sent, final = final, day = day }
    if (status == 'Q' or status == 'W') and line.chunk then
        line.control = control_of(line.chunk.send)
        if line.control.cancelled then
            settle(line, line.control.cancelled)
        end
    end
    return line
end

local function count_status(line, by)
    local letter, chunk = line.status, line.chunk
    if not chunk then
        count(day_key(line.day), letter, by)
        count(ALL, letter, by)
        put(letter, sub(line.key, DIGITS_AT), by)
        return
    end
    local changes = chunk.days[line.day]
    if not changes then
        changes = {}
        chunk.days[line.day] = changes
    end
    changes[letter] = (changes[letter] or 0) + by
end

local function write_chunk(key, chunk)
    local words = {}
    for i, place in ipairs(chunk.changed) do
        words[2 * i - 1], words[2 * i] = place, chunk.bytes[place]
    end
    call_with('HSET', key, words)
    for day, changes in pairs(chunk.days) do
        local tally = tally_of(key)
        for letter, by in pairs(changes) do
            count(day_key(day), letter, by)
            count(ALL, letter, by)
            count(chunk.send, letter, by)
            tally[letter] = tally[letter] + by
        end
    end
end

local function count_error(key, why, by)
    count(ALL, 'e' .. why, by)
    if not is_single(key) then
        count(send_key(key), 'e' .. why, by)
    end
end

-- s: -> what happened to the send's messages in this call: `messages` and `parts` that carriers accepted, or that some
-- came to their end.
local steps = {}
local function step_of(key)
    local send = send_key(key)
    local step = steps[send]
    if not step then
        step = { messages = 0, parts = 0 }
        steps[send] = step
    end
    return step
end

-- Field pace of s: after some more (common/sms/pace.h).
local function pace_after(pace, step)
    local window = math.floor(now / PACE_MS)
    local units, began, last, here, before = 0, now, window, 0, 0
    if pace and #pace == PACE_SIZE then
        units, began, last, here, before = unpack_line(PACE_FORMAT, pace)
    end
    if last ~= window then
        before = last == window - 1 and here or 0
        here = 0
    end
    return pack(PACE_FORMAT, units + step.parts, began, window, here + step.messages, before)
end

local function write_steps()
    for send, step in pairs(steps) do
        if step.messages == 0 then
            call('HSET', send, 'last', now_s)
        elseif step.final then
            call('HSET', send, 'pace', pace_after(call('HGET', send, 'pace'), step), 'last', now_s)
        else
            call('HSET', send, 'pace', pace_after(call('HGET', send, 'pace'), step))
        end
    end
end

local function move(line, status)
    if line.status == 'F' then -- it was when it was read, too, and its error is still in these bytes
        count_error(line.key, byte(line.bytes, 6), -1)
    end
    count_status(line, -1)
    line.status = status
    count_status(line, 1)
    if FINAL[status] and not is_single(line.key) then
        step_of(line.key).final = true
    end
end

local function fail(line, why)
    move(line, 'F')
    count_error(line.key, why, 1)
    line.error = why
    line.final = now_s
end

-- On its day it counts as the messages that it may become, while it is SCHEDULED or CANCELLED.
local function count_waiting(send, letter, by)
    if letter == 'W' or letter == 'C' then
        local state = call('HMGET', send, 'day', 'may')
        count(day_key(state[1] or math.floor(now_s / 86400)), letter, by * (state[2] or 0))
    end
end

-- A send of which no chunk is made yet is one row of the list, with the status that its field `waiting` says. nil: it is
-- no row any more.
local function set_waiting(send, letter)
    local was, digits = call('HGET', send, 'waiting'), sub(send, DIGITS_AT)
    if was then
        count_waiting(send, was, -1)
        count(ALL, was, -1)
        put(was, digits, -1)
        call('HDEL', send, 'waiting')
    end
    if letter then
        count_waiting(send, letter, 1)
        count(ALL, letter, 1)
        put(letter, digits, 1)
        call('HSET', send, 'waiting', letter)
    end
end

-- index.lua's; the scripts that make views have it.
local index_single, index_chunk, index_waiting, write_index

-- Writes all that has gathered. Each script ends with it.
local function write_counts()
    for key, chunk in pairs(chunks) do
        write_chunk(key, chunk)
    end
    for key, fields in pairs(counts) do
        for field, by in pairs(fields) do
            -- The first of its kind: the day may be new.
            if by ~= 0 and call('HINCRBY', key, field, by) == by and byte(key) == 100 then -- 'd'
                call('EXPIREAT', key, (tonumber(string.match(key, '%d+$')) + DAYS_KEPT) * 86400)
            end
        end
    end
    write_steps()
    write_tallies()
    write_sets()
    if write_index then
        write_index()
    end
end

local function has(line, flag)
    return band(line.flags, flag) ~= 0
end

local function set(line, flag)
    line.flags = bor(line.flags, flag)
end

local function clear(line, flag)
    line.flags = band(line.flags, bnot(flag))
end

-- The parts of a message are counted once, on the day on which a carrier accepted it.
local function count_units(line)
    if has(line, COUNTED) then
        return
    end
    set(line, COUNTED)
    count(day_key(math.floor(now_s / 86400)), 'u', line.parts)
    if not is_single(line.key) then
        local step = step_of(line.key)
        step.messages = step.messages + 1
        step.parts = step.parts + line.parts
    end
end

-- The outcome of the present attempt is not known; at line.when it is looked at again.
local function set_unknown(line, wait)
    set(line, UNKNOWN)
    line.error = ERROR_OUTCOME
    line.when = now + wait
end

-- What makes a chunk's lines: read from ARGV. Its numbers are digits, or digits:parts:error where recipients differ;
-- its texts are a JSON list, or empty where all get the body.
local function read_plan()
    local plan = { found_by = text(), numbers = text(), parts = number(), day = number(), due = number(), send = text(),
        body = text(), texts = text() }
    plan.status = plan.due > now and 'W' or 'Q' -- a scheduled message waits for its time
    return plan
end

local function head_with(plan, parts)
    return pack(FORMAT, plan.status, 0, 0, parts, 0, 0, plan.due, 0, plan.status == 'C' and now_s or 0, plan.day)
end

-- --- erased numbers (erase.lua) ---

local erased_salt -- nil: not looked up yet; false: the account has erased none
local function digest(digits)
    return redis.sha1hex(erased_salt .. digits)
end

-- Was the number erased after the send of this key was accepted (as its id says)? Then nothing brings it back.
local function is_erased(key, digits)
    if erased_salt == nil then
        erased_salt = call('GET', 'erased_salt:' .. account) or false
    end
    local at = erased_salt and call('ZSCORE', 'erased:' .. account, digest(digits))
    return at and tonumber(sub(key, DIGITS_AT, DIGITS_AT + 11), 16) <= tonumber(at)
end

-- A description without its body.
local function blank(description)
    local read, fields = pcall(cjson.decode, description)
    if not read or not fields.body then
        return description
    end
    fields.body = ''
    return cjson.encode(fields)
end

-- The line of a message that is withheld for good.
local function withheld_line(plan)
    return pack(FORMAT, 'C', ERASED, 0, plan.parts, 0, 0, 0, 0, now_s, plan.day) .. NOBODY
end

-- What waits is cancelled; what is under way is let go on, but never tried again (claim.lua). True: it was withheld.
local function withhold(line)
    if line.status ~= 'Q' and line.status ~= 'W' then
        return false
    end
    move(line, 'C')
    line.error = 0
    line.final = now_s
    return true
end

-- The status, the line and the digits of one recipient of many.
local function new_line(plan, key, head, recipient)
    if is_erased(key, string.match(recipient, '^%d+')) then
        return 'C', withheld_line(plan), NOBODY
    end
    local digits, parts, why = string.match(recipient, '^(%d+):(%d+):(%d+)$')
    if not digits then
        return plan.status, head .. recipient, recipient
    end
    if why == '0' then
        return plan.status, head_with(plan, parts) .. digits, digits
    end
    return 'F', pack(FORMAT, 'F', 0, 0, parts, why, 0, 0, 0, now_s, plan.day) .. digits, digits
end

local function write_texts(key, texts)
    for place, body in ipairs(cjson.decode(texts)) do
        call('HSET', key, place, body)
    end
end

local function create_single(key, plan)
    local line = head_with(plan, plan.parts) .. plan.numbers
    if is_erased(key, plan.numbers) then
        line, plan.send, plan.status, plan.numbers = withheld_line(plan), blank(plan.send), 'C', NOBODY
    end
    if not call('SET', key, line .. '|' .. plan.send, 'NX') then
        return false
    end
    count(day_key(plan.day), plan.status, 1)
    count(ALL, plan.status, 1)
    put(plan.status, sub(key, DIGITS_AT), 1)
    index_single(key, plan)
    return true
end

-- Makes the view of a chunk if it isn't there; whoever comes first does. True if this made it.
local function create_chunk(key, plan)
    if is_single(key) then
        return create_single(key, plan)
    end
    if call('EXISTS', key) == 1 then
        return false
    end
    local send, lines, recipients, tally = send_key(key), {}, {}, tally_of(key)
    if call('HSETNX', send, 'send', plan.send) == 0 and control_of(send).cancelled then
        plan.status = 'C'
    end
    local head = head_with(plan, plan.parts)
    call('SETNX', 'b' .. sub(send, 2), plan.body)
    if plan.texts ~= '' then
        write_texts('t' .. sub(key, 2), plan.texts)
    end
    for recipient in string.gmatch(plan.numbers, '[^,]+') do
        local place = #recipients + 1
        local status, line, digits = new_line(plan, key, head, recipient)
        if digits == NOBODY then
            call('HDEL', 't' .. sub(key, 2), place)
        end
        lines[2 * place - 1], lines[2 * place] = place, line
        recipients[place] = digits
        tally[status] = tally[status] + 1
        count(day_key(plan.day), status, 1)
        count(ALL, status, 1)
        count(send, status, 1)
        if status == 'F' then
            count_error(key, byte(line, 6), 1)
            step_of(key).final = true
        end
    end
    call('HSET', key, unpack(lines))
    chunks[key] = nil -- what was read before there was any
    index_chunk(key, plan, recipients)
    return true
end
