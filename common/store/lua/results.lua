
-- results.lua - reads the messages of a send in the order of their numbers, some at a time. settled.lua comes before.
--
-- KEYS: m:, s:, b: of the send. ARGV: the number to begin with (0: the beginning), the letters of statuses ('' any), the errors as
-- bytes ('' any), flags of which a line must have none, how many to reply at most.
-- Replies the number to go on with (0: that was the end), the description, the body, then of each message its number, its line
-- and its own text ('' where it has none). A single send has the number 0, and its description behind its line. Nothing at
-- all: there is no such send.
--
-- Looks at LINES lines, and replies BYTES of them, a few more at most.

local call, byte, sub = redis.call, string.byte, string.sub
local LINES, BYTES, CHUNK, CHUNK_COST, LETTERS, HEAD = 1000, 262144, 100, 10, 'WQSTDFCR', 26
local from, letters, errors, flags, most = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local send = sub(KEYS[2], 2)
local reply, looked, bytes, cancelled = {}, 0, 0, false

local function has_letter(letter)
    return letters == '' or string.find(letters, letter, 1, true) ~= nil
end

local function passes(line)
    return #line >= HEAD and has_letter(sub(line, 1, 1)) and bit.band(byte(line, 2), flags) == 0 and
        (errors == '' or string.find(errors, sub(line, 6, 6), 1, true) ~= nil)
end

local function add(number, line, own_text)
    reply[#reply + 1] = number
    reply[#reply + 1] = line
    reply[#reply + 1] = own_text
    bytes = bytes + #line + #own_text
end

-- Whether the chunk has lines of the statuses that are asked for.
local function may_pass(key)
    local tally = letters ~= '' and call('HGET', key, 'n')
    if not tally then
        return true
    end
    for i = 1, #LETTERS do
        if byte(tally, i) > 0 and (has_letter(sub(LETTERS, i, i)) or cancelled and i <= 2 and has_letter('C')) then
            return true
        end
    end
    return false
end

-- Returns the number behind the last that was looked at.
local function read_chunk(chunk, first)
    local key, places, numbers = 'c' .. send .. ':' .. chunk, {}, {}
    looked = looked + CHUNK_COST
    if not may_pass(key) then
        return (chunk + 1) * CHUNK + 1
    end
    for place = first, CHUNK do
        places[#places + 1] = place
    end
    local lines = call('HMGET', key, unpack(places))
    local room = most - (#reply - 3) / 3
    for i, line in ipairs(lines) do
        looked = looked + 1
        line = line and settled(line, cancelled)
        if line and passes(line) then
            if #numbers == room then
                return chunk * CHUNK + numbers[#numbers] + 1, lines, numbers, key
            end
            numbers[#numbers + 1] = places[i]
        end
    end
    return (chunk + 1) * CHUNK + 1, lines, numbers, key
end

-- Puts the lines that passed into the reply, each with its text.
local function add_chunk(chunk, first, lines, numbers, key)
    if not lines or #numbers == 0 then
        return
    end
    local texts = call('HMGET', 't' .. sub(key, 2), unpack(numbers))
    for i, place in ipairs(numbers) do
        add(chunk * CHUNK + place, settled(lines[place - first + 1], cancelled), texts[i] or '')
    end
end

local single = call('GET', KEYS[1])
if single then
    reply = { 0, '', '' }
    if from == 0 and passes(single) then
        add(0, single, '')
    end
    return reply
end
local state = call('HMGET', KEYS[2], 'send', 'top', 'cancelled')
if not state[1] then
    return {}
end
reply = { 0, state[1], call('GET', KEYS[3]) or '' }
cancelled = state[3]
from = math.max(from, 1)
local last = ((tonumber(state[2] or -1)) + 1) * CHUNK
while from <= last do
    local chunk = math.floor((from - 1) / CHUNK)
    local first = from - chunk * CHUNK
    local next_, lines, numbers, key = read_chunk(chunk, first)
    add_chunk(chunk, first, lines, numbers, key)
    from = next_
    if looked >= LINES or bytes >= BYTES or (#reply - 3) / 3 >= most then
        break
    end
end
reply[1] = from <= last and from or 0
return reply
