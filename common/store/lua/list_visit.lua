
-- list_visit.lua - how list.lua looks at messages: which pass, and what is said of them. packed.lua and settled.lua come
-- before.

local call, pack, unpack_bytes, byte, sub = redis.call, struct.pack, struct.unpack, string.byte, string.sub

local arg_at = 0
local function text()
    arg_at = arg_at + 1
    return ARGV[arg_at]
end
local function number()
    return tonumber(text())
end

local account = text()
local driver, name = text(), text()
local position, window, upper, lower = text(), number(), text(), text()
local letters, why, to, from = text(), number(), text(), text()
local skip, limit, budget, wants_total = number(), number(), number(), text() == '1'

local PASSED_COST = 0.2 -- of a look, for a message that needn't be read
local ALL, OUTBOUND = 'n:' .. account, 'WQSTDFC'
if letters == OUTBOUND and not call('HGET', ALL, 'R') then
    letters = '' -- nothing was ever received
end
-- How many messages a list has.
local function weight_of_list(list)
    local weight, directory = 0, call('GET', list) or ''
    for at = DIRECTORY + 18, #directory, LEAF do
        weight = weight + unpack_bytes('>I4', directory, at)
    end
    return weight
end
if from ~= '' and weight_of_list('l:' .. account .. ':f' .. from) == weight_of_list('l:' .. account .. ':all') then
    from = '' -- all are sent as that
end
local by_status = why == 0 and to == '' -- a line's status says whether it passes
local all_pass = by_status and letters == ''

local rows, row_count, looked, stopped, more = { '', -1, 0, -1 }, 0, 0, false, false
local resume = position ~= '' and position or upper -- what has it or is greater was looked at

local function hex_of(id)
    return string.format('%08x%08x%08x%02x', unpack_bytes('>I4I4I4B', id))
end

local function id_of(hex)
    return pack('>I4I4I4B', tonumber(sub(hex, 1, 8), 16), tonumber(sub(hex, 9, 16), 16), tonumber(sub(hex, 17, 24), 16),
        tonumber(sub(hex, 25, 26), 16))
end

local function message_id(id, message)
    return id .. pack('>I3', message)
end

local function number_of(message)
    return unpack_bytes('>I3', message, 14)
end

-- All down to this message has been looked at.
local function looked_at(message)
    if not more then
        resume = message
        stopped = looked >= budget
    end
end

local function add(id, bytes)
    rows[#rows + 1] = id
    rows[#rows + 1] = bytes
end

local function passes(line)
    if letters ~= '' and not string.find(letters, sub(line, 1, 1), 1, true) then
        return false
    end
    if why ~= 0 and byte(line, 6) ~= why then
        return false
    end
    return to == '' or string.match(line, '^%d+', 27) == to
end

local function take(message, line)
    if skip > 0 then
        skip = skip - 1
    elseif row_count < limit then
        row_count = row_count + 1
        add(message, line)
    else -- one more than was asked for: so there is more
        more, stopped = true, true
    end
end

local told -- the send whose description and body are among the rows last
local function tell_send(id, hex)
    if told ~= id and skip == 0 and row_count < limit then
        told = id
        add(id, call('HGET', 's:' .. account .. ':' .. hex, 'send') or '')
        add('', call('GET', 'b:' .. account .. ':' .. hex) or '')
    end
end

-- A line of a chunk that passes. Where each recipient has a text of their own, it comes before.
local function take_line(id, hex, message, line)
    tell_send(id, hex)
    if skip == 0 and row_count < limit then
        local before = number_of(message) - 1
        local chunk = math.floor(before / 100)
        local body = call('HGET', 't:' .. account .. ':' .. hex .. ':' .. chunk, before % 100 + 1)
        if body then
            add('', body)
        end
    end
    take(message, line)
end

-- A send that waits to be cut into chunks is one row: its line is the letter of its status.
local function visit_waiting(id, hex)
    local letter = call('HGET', 's:' .. account .. ':' .. hex, 'waiting')
    looked = looked + 1
    if letter and by_status and (letters == '' or string.find(letters, letter, 1, true)) then
        tell_send(id, hex)
        take(message_id(id, 0), letter)
    end
    looked_at(message_id(id, 0))
end

-- sure: that it passes is known.
local function visit_single(id, hex, sure)
    if skip > 0 and (sure or all_pass) then
        looked = looked + PASSED_COST
        skip = skip - 1
    else
        looked = looked + 1
        local line = call('GET', 'm:' .. account .. ':' .. hex)
        if not line then
            return visit_waiting(id, hex)
        end
        if passes(line) then
            take(message_id(id, 0), line)
        end
    end
    looked_at(message_id(id, 0))
end

-- When the send was cancelled, as s: says it; asked once for messages that follow one another.
local cancelled_of, cancelled_at
local function cancelled(hex)
    if cancelled_of ~= hex then
        cancelled_of, cancelled_at = hex, call('HGET', 's:' .. account .. ':' .. hex, 'cancelled')
    end
    return cancelled_at
end

-- How many lines of the chunk have one of the statuses that are asked for.
local function count_in_chunk(hex, key)
    if letters == '' then
        return math.max(0, call('HLEN', key) - 1)
    end
    local tally, count = call('HGET', key, 'n'), 0
    local first = cancelled(hex) and 3 or 1 -- of a cancelled send what counts as waiting is not
    if tally and first > 1 and string.find(letters, 'C', 1, true) then
        count = byte(tally, 1) + byte(tally, 2)
    end
    for i = first, tally and 8 or 0 do
        if string.find(letters, sub('WQSTDFCR', i, i), 1, true) then
            count = count + byte(tally, i)
        end
    end
    return count
end

local function visit_lines(id, hex, key, base, most)
    local places = {}
    for place = most, 1, -1 do
        places[#places + 1] = place
    end
    for i, line in ipairs(call('HMGET', key, unpack(places))) do
        if line then
            looked = looked + 1
            local message = message_id(id, base + places[i])
            line = settled(line, cancelled(hex))
            if passes(line) then
                take_line(id, hex, message, line)
            end
            looked_at(message)
            if stopped then
                return
            end
        end
    end
end

-- below: only messages of a lesser number.
local function visit_chunk(id, hex, chunk, below)
    local key, base = 'c:' .. account .. ':' .. hex .. ':' .. chunk, chunk * 100
    local most = below and math.min(below - base - 1, 100) or 100
    looked = looked + 1
    if most > 0 then
        local count = (letters ~= '' or skip > 0 and by_status) and count_in_chunk(hex, key) or 1
        if by_status and most == 100 and count <= skip then
            skip = skip - count
        elseif count > 0 then
            visit_lines(id, hex, key, base, most)
        end
    end
    if not stopped then
        looked_at(message_id(id, base + 1))
    end
end

-- How many messages of the send have one of the statuses that are asked for.
local function count_in_send(hex)
    local count = 0
    local wanted = letters == '' and 'WQSTDFCR' or letters
    for i = 1, #wanted do
        count = count + tonumber(call('HGET', 's:' .. account .. ':' .. hex, sub(wanted, i, i)) or 0)
    end
    return count
end

-- Of a send all of whose chunks but the last are full: skips as many as can be skipped without a look at each.
local function skip_chunks(hex, top)
    local size = call('HLEN', 'c:' .. account .. ':' .. hex .. ':' .. top) - 1
    if not all_pass or skip < size or count_in_send(hex) ~= top * 100 + size then
        return top
    end
    local chunks = math.floor((skip - size) / 100)
    skip = skip - size - chunks * 100
    return top - 1 - chunks
end

local function visit_send(id, hex, below)
    local top = tonumber(call('HGET', 's:' .. account .. ':' .. hex, 'top') or nil)
    if not top then
        return visit_waiting(id, hex)
    end
    looked = looked + 1
    local count = (letters ~= '' or skip > 0 and by_status) and count_in_send(hex) or 1
    if by_status and not below and count <= skip then
        skip = skip - count
    elseif count > 0 then
        if below then
            top = math.min(top, math.floor((below - 2) / 100))
        elseif skip > 0 then
            top = skip_chunks(hex, top)
        end
        for chunk = top, 0, -1 do
            visit_chunk(id, hex, chunk, below)
            if stopped then
                return
            end
        end
    end
    looked_at(message_id(id, 0))
end

-- Was the send sent as `from`? (The list of those is the driver itself, or asked here.) Its description says so in JSON:
-- inside a text a quote has a backslash before it, so these words are found nowhere else.
local asked, fits
local function from_fits(id, hex)
    if from ~= '' and asked ~= id then
        local key = account .. ':' .. hex
        local said = call('GET', 'm:' .. key) or call('HGET', 's:' .. key, 'send') or ''
        asked, fits = id, string.find(said, ',"from":"' .. from .. '"', 1, true) ~= nil
    end
    return from == '' or fits
end

-- A message, or a send as a whole, that isn't sent as `from`.
local function pass_over(message)
    looked = looked + 1
    looked_at(message)
end
