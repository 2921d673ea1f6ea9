
-- cancel.lua - cancels what has not been handed to a carrier: SCHEDULED and QUEUED become CANCELLED, for good. A claim of
-- the same message comes before or after this, never in between.
--
-- KEYS[1] the lines; KEYS[2] s: of the send. ARGV[2] the place; '*' all of a chunk; '0' a single send, or, when there is
-- none, a send of many: then no more chunks of it are made, and the caller cancels those that there are.
-- Replies how many were cancelled, how many had been before, how many it was too late for, the letter of a status that was
-- too late, and how many chunks are left to cancel. Nothing at all: there is no such message.

local cancelled, before, late, letter, chunks = 0, 0, 0, '', 0

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

local function cancel_chunk(key)
    for _, place in ipairs(call('HKEYS', key)) do -- at most a chunk's
        local line = load_line(key, place)
        if line then
            cancel(line)
        end
    end
end

-- A send of many. Before its first chunk is made, those who would get it count as cancelled.
local function stop_send(key)
    local state = call('HMGET', key, 'send', 'job', 'cursor', 'may')
    if not state[1] then
        return false
    end
    local first = call('HSETNX', key, 'cancelled', now) == 1
    chunks = state[3] and tonumber(string.match(state[3], '^%d+')) or 1
    if state[3] == '0/' then
        if state[2] == 'F' then
            late = 1
            letter = 'F'
            return true
        end
        call('HSET', key, 'job', 'C')
        set_waiting(key, 'C')
        cancelled = first and tonumber(state[4]) or 0
        before = first and 0 or 1
    end
    return true
end

if ARGV[2] == '*' then
    cancel_chunk(KEYS[1])
    write_counts()
    return { cancelled, before, late, letter, 0 }
end
local one = load_line(KEYS[1], ARGV[2])
if one then
    cancel(one)
elseif ARGV[2] ~= '0' or not stop_send(KEYS[2]) then
    return {}
end
write_counts()
return { cancelled, before, late, letter, chunks }
