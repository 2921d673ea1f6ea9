
-- record.lua - writes what became of attempts: what a carrier answered, or that nothing is known.
--
-- ARGV[2] how many tries a message has, in tenths; then for each key its items, packed one behind the other: the place, the
-- attempt, the claim, what came of it, an error's number, and a wait in ms.
--   A accepted: SENT            R rejected: FAILED with the error
--   N it was not sent, T it was throttled: QUEUED again, not before the wait is over; CANCELLED when its send was
--     meanwhile; FAILED when its tries are used up, of which N takes one and T a tenth
--   U unknown: still SENDING, and looked at again when the wait is over
-- Replies for each item: 2 its tries are used up, 1 changed, 0 it was so already, -1 refused (somebody else's attempt by now), -2 no such message.

local TRIES = { N = 10, T = 1 }
local GIVEN_UP = 2
local most = number()

local function accepted(line)
    local fresh = not has(line, COUNTED)
    count_units(line)
    clear(line, UNKNOWN)
    if line.sent == 0 then
        line.sent = now_s
    end
    if line.status == 'S' then
        line.error = 0
        line.final = 0
        move(line, 'T')
        return CHANGED
    end
    return fresh and CHANGED or SAME -- a report came first
end

-- While a line is not final, its field `final` says how much of its tries is used.
local function not_sent(line, outcome, wait)
    clear(line, UNKNOWN)
    line.error = 0
    line.final = line.final + TRIES[outcome]
    if not is_single(line.key) and control_of(send_key(line.key)).cancelled then
        move(line, 'C')
        line.final = now_s
    elseif line.final >= most then
        fail(line, ERROR_CARRIER)
        return GIVEN_UP
    else
        move(line, 'Q')
        line.when = now + wait
    end
    return CHANGED
end

local function record(line, outcome, why, wait)
    if outcome == 'A' then
        return accepted(line)
    end
    if line.status ~= 'S' then
        return SAME
    end
    if outcome == 'R' then
        clear(line, UNKNOWN)
        fail(line, why)
    elseif TRIES[outcome] and not has(line, EARLIER) then
        return not_sent(line, outcome, wait)
    else -- or an earlier attempt may have arrived: that this one was not sent says nothing about it
        set_unknown(line, wait)
    end
    return CHANGED
end

local replies = each_item(3, '>BHI4c1BI4', 13, function(key, place, _, attempt, claim, outcome, why, wait)
    local line = load_line(key, place)
    if not line then
        return ABSENT
    elseif line.attempt ~= attempt or line.claim ~= claim then
        return REFUSED
    end
    local reply = record(line, outcome, why, wait)
    if reply >= CHANGED then
        save_line(line)
    end
    return reply
end)
write_counts()
return replies
