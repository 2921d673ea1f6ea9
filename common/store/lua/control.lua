-- control.lua - holds a send, lets it go on, or changes its rate or its time. state.lua comes before.
--
-- KEYS[1] m:, KEYS[2] s:. ARGV[2] 'hold', 'go' or 'change'; of a change ARGV[3] the rate in messages per 1000 s ('' as it
-- is, 0 none), ARGV[4] the time in ms that it is to be scheduled for ('' as it is).
--
-- A paused send has `paused`, the time; a single one the flag HELD. `rate`, `due` and `until` in s: stand over what records
-- say; a single's MOVED says that its description does. Only what is SCHEDULED as a whole may be moved: it is counted on the
-- day of its new time, and its validity stays as long as it was.
--
-- Replies nothing: there is no such send; 'over': nothing is left to be sent; 'begun': it can't be moved; else how many of its
-- messages wait, since when it is paused (0), its rate (0: none), and what it is scheduled for (0).

local action, rate, due = ARGV[2], ARGV[3], tonumber(ARGV[4])

local function ms_in(description, name)
    return tonumber(string.match(description, '"' .. name .. '":(%d+)') or 0)
end

-- The description for the new time, and until when that is valid. Its numbers come first in it, and a quote in a text has a
-- backslash before it, so these names are found nowhere else.
local function moved(description)
    local till = string.format('%.0f', ms_in(description, 'until') + due - ms_in(description, 'due'))
    description = string.gsub(description, '"until":%d+', '"until":' .. till, 1)
    description = string.gsub(description, '"due":%d+', '"due":' .. ARGV[4], 1)
    return description, till
end

local function move_day(line)
    count_status(line, -1)
    line.day = math.floor(due / 86400000)
    count_status(line, 1)
end

-- --- a single one ---

local function move_single(line)
    local value = call('GET', line.key)
    local bar = string.find(value, '|', HEAD + 1, true)
    move_day(line)
    line.when = due
    set(line, MOVED)
    call('SET', line.key, head_of(line) .. sub(value, HEAD + 1, bar) .. (moved(sub(value, bar + 1))))
end

local function control_single(line)
    if line.status ~= 'W' and line.status ~= 'Q' and line.status ~= 'S' then
        return 'over'
    end
    if action ~= 'change' then
        (action == 'hold' and set or clear)(line, HELD)
        save_line(line)
    elseif due and line.status ~= 'W' then
        return 'begun'
    elseif due then
        move_single(line)
    end
    local description = string.match(call('GET', line.key), '|(.*)$', HEAD)
    return { line.status == 'S' and 0 or 1, has(line, HELD) and now or 0, ms_in(description, 'rate'),
        ms_in(description, 'due') }
end

-- --- one of many ---

local function read_send(key)
    local names = { 'send', 'cancelled', 'job', 'cursor', 'may', 'W', 'Q', 'S', 'T', 'D' }
    local state = call('HMGET', key, unpack(names))
    local send = {}
    for i, name in ipairs(names) do
        send[name] = i > 4 and tonumber(state[i] or 0) or state[i]
    end
    send.unmade = send.cursor == '0/'
    send.making = send.job == 'W' or send.job == 'Q'
    return send
end

local function move_lines(key)
    local chunk = 'c' .. sub(key, 2) .. ':0'
    for _, place in ipairs(call('HKEYS', chunk)) do -- it has no other: there is no cursor
        local line = load_line(chunk, place)
        if line then
            move_day(line)
            line.when = line.status == 'W' and due or line.when
            save_line(line)
        end
    end
end

local function move_send(key, send)
    local description, till = moved(send.send)
    if send.unmade then
        count_waiting(key, send.job, -1)
        call('HSET', key, 'day', math.floor(due / 86400000))
        count_waiting(key, send.job, 1)
    else
        move_lines(key)
    end
    call('HSET', key, 'send', description, 'due', ARGV[4], 'until', till)
end

local function may_be_moved(send)
    if send.cursor then
        return send.unmade and send.job == 'W'
    end
    return send.W > 0 and send.Q + send.S + send.T + send.D == 0
end

local function change_send(key, send)
    if due then
        move_send(key, send)
    end
    if rate ~= '' then
        call('HSET', key, 'rate', rate)
        call('HDEL', key, 'tat') -- what was promised by the old one
    end
end

local function control_send(key)
    local send = read_send(key)
    if not send.send then
        return {}
    end
    if send.cancelled or not send.making and send.W + send.Q + send.S == 0 then
        return 'over'
    end
    if action == 'hold' then
        call('HSETNX', key, 'paused', now)
    elseif action == 'go' then
        call('HDEL', key, 'paused')
    elseif due and not may_be_moved(send) then
        return 'begun'
    else
        change_send(key, send)
    end
    local is = call('HMGET', key, 'paused', 'rate', 'send')
    return { send.W + send.Q + (send.unmade and send.may or 0), tonumber(is[1] or 0),
        tonumber(is[2] or ms_in(is[3], 'rate')), ms_in(is[3], 'due') }
end

local single = load_line(KEYS[1], '0')
local reply
if single then
    reply = control_single(single)
else
    reply = control_send(KEYS[2])
end
write_counts()
return reply
