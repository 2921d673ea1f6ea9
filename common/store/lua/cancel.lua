
-- cancel.lua - cancels what has not been handed to a carrier: SCHEDULED and QUEUED become CANCELLED, for good. A claim of
-- the same message comes before or after this, never in between.
--
-- KEYS[1] the lines, KEYS[2] the lines of the send of many that the id may be instead. ARGV[2] the place; 0 is a single
-- send, or all of a send of many.
-- Replies how many were cancelled, how many had been before, how many it was too late for, and the letter of a status
-- that was too late. Nothing at all: there is no such message.

local cancelled, before, late, letter = 0, 0, 0, ''

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

local function cancel_all(key)
    for _, place in ipairs(call('HKEYS', key)) do -- at most a chunk's
        local line = load_line(key, place)
        if line then
            cancel(line)
        end
    end
end

local one = load_line(KEYS[1], ARGV[2])
if one then
    cancel(one)
elseif ARGV[2] == '0' then
    cancel_all(KEYS[2])
end
if cancelled + before + late == 0 then
    return {}
end
write_counts()
return { cancelled, before, late, letter }
