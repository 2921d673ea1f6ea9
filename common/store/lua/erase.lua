
-- erase.lua - takes a number, and the text sent to it, out of messages that were made; what waits is withheld.
--
-- KEYS[1] to:{account} (index.lua). ARGV[2] the digits, ARGV[3] the record of their bucket to begin with; behind its last
-- come those that are still in the log. It looks at RECORDS of the bucket at most, and erases MESSAGES at most.
-- Replies where to go on (-1: it was the end), how many messages it erased, and how many of them it withheld.
--
-- An erased message keeps its id, status, times and parts. Texts that a send's recipients share stay with the send.

local RECORDS, MESSAGES, WIDTH, LOG = 1000, 100, 24, 4096
local digits, first = ARGV[2], tonumber(ARGV[3])
local prefix = sub('0' .. digits, -8)
local bucket = KEYS[1] .. ':' .. math.floor(tonumber(sub(prefix, 6)) / 4)
local erased, withheld = 0, 0

local function key_of(id, number_)
    local hex = string.gsub(id, '.', function(c) return string.format('%02x', byte(c)) end)
    if number_ == 0 then
        return 'm:' .. account .. ':' .. hex
    end
    local chunk = math.floor((number_ - 1) / 100)
    return 'c:' .. account .. ':' .. hex .. ':' .. chunk, number_ - chunk * 100
end

local function write_erased(line)
    if is_single(line.key) then
        local value = call('GET', line.key)
        local bar = string.find(value, '|', HEAD + 1, true)
        call('SET', line.key, head_of(line) .. NOBODY .. '|' .. blank(sub(value, bar + 1)))
    else
        write_line(line, head_of(line) .. NOBODY)
        call('HDEL', 't' .. sub(line.key, 2), line.place)
    end
end

local function erase(record)
    local key, place = key_of(sub(record, 9, 21), struct.unpack('>I3', record, 22))
    local line = load_line(key, place)
    if not line or digits_of(line) ~= digits then
        return false
    end
    if withhold(line) then
        withheld = withheld + 1
    end
    set(line, ERASED)
    write_erased(line)
    erased = erased + 1
    return true
end

-- Erases the messages of up to `most` records, from `from` on. Returns the record behind the last that was looked at, and
-- whether that was the end.
local function erase_records(key, from, most)
    local records = call('GETRANGE', key, from * WIDTH, (from + most) * WIDTH - 1)
    local count = #records / WIDTH
    for i = 0, count - 1 do
        local record = sub(records, i * WIDTH + 1, (i + 1) * WIDTH)
        if sub(record, 1, 8) == prefix and erase(record) then
            call('SETRANGE', key, (from + i) * WIDTH, '\0\0\0\0\0') -- the digits that say its bucket stay
            if erased == MESSAGES then
                return from + i + 1, false
            end
        end
    end
    return from + count, count < most
end

local next_, ended = erase_records(bucket, first, RECORDS)
if ended and erased < MESSAGES then
    local _, all = erase_records(KEYS[1], 0, LOG)
    next_ = all and -1 or next_
end
write_counts()
return { next_, erased, withheld }
