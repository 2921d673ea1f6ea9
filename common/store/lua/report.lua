
-- report.lua - applies carriers' delivery reports.
--
-- ARGV for each key its items, packed one behind the other: the place, the attempt that is reported on, D (delivered) or F
-- (failed), an error's number, and the carrier's time in s (0: none).
--
-- Delivered counts from any attempt; failed from the present one, and from those that it repeats at a carrier that
-- deduplicates. A failure behind which an attempt may have arrived becomes delivered when that is reported late.
-- Repeated and reordered reports change nothing. Replies as record.lua does.

-- When the send was accepted, as its id says (common/base/id.h).
local function accepted_s(key)
    return math.floor(tonumber(string.match(key, '}:(%x%x%x%x%x%x%x%x%x%x%x%x)'), 16) / 1000)
end

-- Of a failed line: an attempt of unknown outcome may have arrived.
local function may_be_delivered(line)
    return line.error == ERROR_OUTCOME or has(line, EARLIER)
end

local function delivered(line, reported_s)
    if line.status == 'D' then
        return SAME
    end
    if line.status == 'C' or line.status == 'F' and not may_be_delivered(line) then
        return REFUSED
    end
    if line.attempt == 0 then
        return REFUSED -- never handed to a carrier
    end
    local when_s = reported_s > 0 and math.min(reported_s, now_s) or now_s
    count_units(line)
    clear(line, UNKNOWN)
    if line.sent == 0 then
        line.sent = math.min(math.max(when_s, accepted_s(line.key)), now_s)
    end
    line.error = 0
    line.final = math.max(when_s, line.sent)
    move(line, 'D')
    return CHANGED
end

-- A carrier that deduplicates reports on the first attempt that reached it, whichever is the present one.
local function is_about(line, attempt)
    return attempt == line.attempt or has(line, EARLIER) and attempt > 0 and attempt < line.attempt
end

local function failed(line, attempt, why)
    if line.status == 'F' then
        return SAME
    end
    if not is_about(line, attempt) or (line.status ~= 'S' and line.status ~= 'T') then
        return REFUSED
    end
    count_units(line) -- who reports on it has accepted it
    clear(line, UNKNOWN)
    fail(line, why)
    if line.sent == 0 then
        line.sent = now_s
    end
    return CHANGED
end

local replies = each_item(2, '>BHc1BI4', 9, function(key, place, _, attempt, state, why, reported_s)
    local line = load_line(key, place)
    if not line then
        return ABSENT
    end
    local reply
    if state == 'D' then
        reply = delivered(line, reported_s)
    else
        reply = failed(line, attempt, why)
    end
    if reply == CHANGED then
        save_line(line)
    end
    return reply
end)
write_counts()
return replies
