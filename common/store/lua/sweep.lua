-- sweep.lua - writes into lines of a cancelled send what they are: CANCELLED. They were counted when it was cancelled.
-- state.lua and settled.lua come before.
-- KEYS[1] s:. ARGV[2] the first chunk, ARGV[3] how many chunks to look at.
--
-- Replies the chunk to go on with (-1: it was the last, or the send isn't cancelled), then the numbers of those chunks in
-- which nothing is under way: what the delay queue has of them may go. May be repeated.

local send, first, most = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local prefix = 'c' .. sub(send, 2) .. ':'
local state = call('HMGET', send, 'cancelled', 'top')
local cancelled = state[1]
local last = math.min(first + most - 1, tonumber(state[2] or -1))

local function sweep_chunk(key, tally)
    local fields, written = call('HGETALL', key), {}
    for i = 1, #fields, 2 do
        local line, letter = fields[i + 1], sub(fields[i + 1], 1, 1)
        local new = settled(line, cancelled)
        if new ~= line then
            written[#written + 1] = fields[i]
            written[#written + 1] = new
            tally[letter] = tally[letter] - 1
            tally.C = tally.C + 1
        end
    end
    if #written > 0 then
        call('HSET', key, unpack(written))
    end
end

if not cancelled then
    return { -1 }
end
local reply = { last + 1 }
for number_ = first, last do
    local key = prefix .. number_
    local tally = tally_of(key)
    if tally.W > 0 or tally.Q > 0 then
        sweep_chunk(key, tally)
    end
    if tally.S == 0 then
        reply[#reply + 1] = number_
    end
    if byte(tally.was, 1) == tally.W and byte(tally.was, 2) == tally.Q then
        tallies[key] = nil -- nothing to write
    end
end
if last >= tonumber(state[2] or -1) then
    reply[1] = -1
    put('X', sub(send, DIGITS_AT), -1)
end
write_counts()
return reply
