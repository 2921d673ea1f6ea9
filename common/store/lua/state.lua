-- state.lua - the life of a message. The only place where a status is written; create, claim, record and report are
-- this text followed by their own.
--
-- A line (common/sms/line.h) is a message's state: 26 bytes, then the recipient's digits. A single send's line begins
-- the string m:{account}:<send>, with '|' and the send's description behind it. The lines of a send of many lie in
-- hashes c:{account}:<send>:<chunk>, place -> line, beside s:{account}:<send> (description, a count for each status, and
-- what job_open.lua says of a send that is still being cut into chunks) and b:{account}:<send> (the text;
-- t:{account}:<send>:<chunk>, place -> text, where each has one of its own).
-- d:{account}:<day> counts messages by status, and in `u` the parts that carriers accepted on that day; it is kept for
-- DAYS_KEPT days. Counts change here and nowhere else, in the same script as the status, so they can't drift.
--
-- KEYS has the key that holds each item's lines; the keys of counts are made from it, under the same hash tag.
-- ARGV[1] is the account in its braces. Times are Redis' own.

local FORMAT, HEAD = '>c1BHBBI4I6I4I4H', 26
local LINE_END = '41' -- the last byte of the longest line. Numbers go to Redis as text: converting one costs more than the call
local COUNTED, UNKNOWN, EARLIER = 1, 2, 4
local DAYS_KEPT = 400
local ERROR_EXPIRED, ERROR_OUTCOME = 3, 4
local CHANGED, SAME, REFUSED, ABSENT = 1, 0, -1, -2

local call, pack, unpack_line, byte = redis.call, struct.pack, struct.unpack, string.byte -- names cost look-ups

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

local function write_counts()
    for key, fields in pairs(counts) do
        for field, by in pairs(fields) do
            -- The first of its kind: the day may be new.
            if by ~= 0 and call('HINCRBY', key, field, by) == by and byte(key) == 100 then -- 'd'
                call('EXPIREAT', key, (tonumber(string.match(key, '%d+$')) + DAYS_KEPT) * 86400)
            end
        end
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
local function send_key(key)
    return 's' .. string.match(key, '^c(:.+):%d+$')
end

local function load_line(key, place)
    local bytes
    if is_single(key) then
        bytes = call('GETRANGE', key, '0', LINE_END)
    else
        bytes = call('HGET', key, place)
    end
    if not bytes or #bytes < HEAD then -- not there; one that is cut is as good as not there, and must not fail others
        return nil
    end
    local status, flags, attempt, parts, why, claim, when, sent, final, day = unpack_line(FORMAT, bytes)
    return { key = key, place = place, bytes = bytes, status = status, flags = flags, attempt = attempt, parts = parts,
        error = why, claim = claim, when = when, sent = sent, final = final, day = day }
end

local function digits_of(line)
    return string.match(line.bytes, '^%d+', HEAD + 1)
end

local function head_of(line)
    return pack(FORMAT, line.status, line.flags, line.attempt, line.parts, line.error, line.claim, line.when,
        line.sent, line.final, line.day)
end

local function save_line(line)
    if is_single(line.key) then
        call('SETRANGE', line.key, '0', head_of(line))
    else
        call('HSET', line.key, line.place, head_of(line) .. string.sub(line.bytes, HEAD + 1))
    end
end

local function count_status(line, by)
    count(day_key(line.day), line.status, by)
    if not is_single(line.key) then
        count(send_key(line.key), line.status, by)
    end
end

local function move(line, status)
    count_status(line, -1)
    line.status = status
    count_status(line, 1)
end

local function fail(line, why)
    move(line, 'F')
    line.error = why
    line.final = now_s
end

local function has(line, flag)
    return bit.band(line.flags, flag) ~= 0
end

local function set(line, flag)
    line.flags = bit.bor(line.flags, flag)
end

local function clear(line, flag)
    line.flags = bit.band(line.flags, bit.bnot(flag))
end

-- The parts of a message are counted once, on the day on which a carrier accepted it.
local function count_units(line)
    if has(line, COUNTED) then
        return
    end
    set(line, COUNTED)
    count(day_key(math.floor(now_s / 86400)), 'u', line.parts)
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
    local plan = { numbers = text(), parts = number(), day = number(), due = number(), send = text(), body = text(),
        texts = text() }
    plan.status = plan.due > now and 'W' or 'Q' -- a scheduled message waits for its time
    return plan
end

local function new_head(plan)
    return pack(FORMAT, plan.status, 0, 0, plan.parts, 0, 0, plan.due, 0, 0, plan.day)
end

-- The status and the line of one recipient of many.
local function new_line(plan, head, recipient)
    local digits, parts, why = string.match(recipient, '^(%d+):(%d+):(%d+)$')
    if not digits then
        return plan.status, head .. recipient
    end
    if why == '0' then
        return plan.status, pack(FORMAT, plan.status, 0, 0, parts, 0, 0, plan.due, 0, 0, plan.day) .. digits
    end
    return 'F', pack(FORMAT, 'F', 0, 0, parts, why, 0, 0, 0, now_s, plan.day) .. digits
end

local function write_texts(key, texts)
    for place, body in ipairs(cjson.decode(texts)) do
        call('HSET', key, place, body)
    end
end

-- Makes the view of a chunk if it isn't there; whoever comes first does. True if this made it.
local function create_chunk(key, plan)
    if is_single(key) then
        local made = call('SET', key, new_head(plan) .. plan.numbers .. '|' .. plan.send, 'NX')
        if made then
            count(day_key(plan.day), plan.status, 1)
        end
        return made and true
    end
    if call('EXISTS', key) == 1 then
        return false
    end
    local send, place, head = send_key(key), 0, new_head(plan)
    call('HSETNX', send, 'send', plan.send)
    call('SETNX', 'b' .. string.sub(send, 2), plan.body)
    if plan.texts ~= '' then
        write_texts('t' .. string.sub(key, 2), plan.texts)
    end
    for recipient in string.gmatch(plan.numbers, '[^,]+') do
        local status, line = new_line(plan, head, recipient)
        place = place + 1
        call('HSET', key, place, line)
        count(day_key(plan.day), status, 1)
        count(send, status, 1)
    end
    return true
end
