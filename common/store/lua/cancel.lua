-- cancel.lua - cancels what has not been handed to a carrier: SCHEDULED and QUEUED become CANCELLED, for good. A claim of
-- the same message comes before or after this, never in between.
--
-- KEYS[1] the lines; KEYS[2] s: of the send. ARGV[2] the place; '0' a single send, or, when there is none, a send of many:
-- then no more chunks of it are made, its counts move at once, and its lines follow (state.lua).
-- Replies how many were cancelled, how many had been before, how many it was too late for, the letter of a status that was
-- too late, and SWEEP if lines are left for sweep.lua, or DROP if the delay queue need have nothing of the send any more.
-- Nothing at all: there is no such message.

local NOTHING, SWEEP, DROP = 0, 1, 2
local cancelled, before, late, letter, left = 0, 0, 0, '', NOTHING

local function cancel(line)
    if line.status == 'W' or line.status == 'Q' then
        move(line, 'C')
        line.error = 0
        line.final = now_s
        save_line(line)
        cancelled = cancelled + 1
    elseif line.status == 'C' then
        before = before + 1
    else
        late = late + 1
        letter = line.status
    end
end

-- On which day the lines of a send are counted: all on the same.
local function day_of(key)
    local line = call('HGET', 'c' .. sub(key, 2) .. ':0', '1')
    return line and struct.unpack('>H', line, 25) or math.floor(now_s / 86400)
end

-- Of the send of many: what waits moves to C, all at once.
local function move_counts(key)
    local day = day_of(key)
    for i = 1, 2 do
        local from = sub('WQ', i, i)
        local by = tonumber(call('HGET', key, from) or 0)
        for _, counted in ipairs({ key, ALL, day_key(day) }) do
            count(counted, from, -by)
            count(counted, 'C', by)
        end
        cancelled = cancelled + by
    end
end

-- A send of one chunk needs no sweep.
local function follow(key)
    if call('HGET', key, 'top') ~= '0' then
        put('X', sub(key, DIGITS_AT), 1)
        left = SWEEP
        return
    end
    left = (call('HGET', key, 'S') or '0') == '0' and DROP or NOTHING
    local chunk = 'c' .. sub(key, 2) .. ':0'
    for _, place in ipairs(call('HKEYS', chunk)) do
        load_line(chunk, place) -- settles it
    end
end

local function add_late(key)
    for _, status in ipairs({ 'F', 'D', 'T', 'S' }) do
        local by = tonumber(call('HGET', key, status) or 0)
        late = late + by
        letter = by > 0 and status or letter
    end
end

-- Before a send's first chunk is made, those who would get it count as cancelled.
local function stop_unmade(key, job, may)
    if job == 'F' then
        late, letter = 1, 'F'
    elseif call('HSETNX', key, 'cancelled', now) == 1 then
        call('HSET', key, 'job', 'C')
        set_waiting(key, 'C')
        cancelled, left = tonumber(may), DROP
    else
        before = 1
    end
end

local function stop_send(key)
    local state = call('HMGET', key, 'send', 'cursor', 'job', 'may')
    if not state[1] then
        return false
    end
    if state[2] == '0/' then
        stop_unmade(key, state[3], state[4])
        return true
    end
    before = tonumber(call('HGET', key, 'C') or 0)
    add_late(key)
    if call('HSETNX', key, 'cancelled', now) == 1 then
        call('HDEL', key, 'job')
        move_counts(key)
        follow(key)
    elseif call('ZSCORE', 'z:' .. account .. ':X', sub(key, DIGITS_AT)) then
        left = SWEEP
    end
    return true
end

local one = load_line(KEYS[1], ARGV[2])
if one then
    cancel(one)
    left = is_single(one.key) and cancelled > 0 and DROP or NOTHING
elseif ARGV[2] ~= '0' or not stop_send(KEYS[2]) then
    return {}
end
write_counts()
return { cancelled, before, late, letter, left }
