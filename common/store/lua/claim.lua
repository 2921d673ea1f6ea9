
-- claim.lua - gives messages to a sender, for the length of a lease: QUEUED, or SCHEDULED
-- and due, becomes SENDING, as a new attempt.
--
-- ARGV[2] the lease in ms, ARGV[3] how long an unknown outcome may stay open in ms; then for each key: the claim's
-- number, 1 where the carrier deduplicates by reference, the end of the message's validity, the first place and how many,
-- and the chunk's plan, from which a view that is missing is made.
--
-- Replies for each key a list, one integer for each place asked for: n > 0 it is attempt n, and yours; 0 there is nothing
-- to do, now or later; -t come back at time t. Or the word 'differs': the record's numbers are not the view's.
--
-- A suspended account's messages wait, and so do those of a paused send, each until it is looked at again; they expire when
-- their time is over. Those of a cancelled send are CANCELLED (load_line).
--
-- A claim whose reply was lost may be repeated under the same number, and gets the same attempt. A lease that ran out
-- means that the request may have left: where the carrier deduplicates it is repeated, elsewhere it stays unknown.

local HELD_MS = 10000 -- how long messages that may not go wait until they are looked at again

local lease, patience = tonumber(ARGV[2]), tonumber(ARGV[3])
at = 3

local owner = call('GET', 'account:' .. account)
local suspended = owner and string.find(owner, '"active":false', 1, true)

local function grant(line, claim)
    line.claim = claim
    line.when = now + lease
    save_line(line)
    return line.attempt
end

local function later(line)
    return -line.when
end

local function end_of_lease(line, ask)
    if ask.deduplicates and now < ask.till then
        clear(line, UNKNOWN)
        set(line, EARLIER)
        line.attempt = line.attempt + 1
        return grant(line, ask.claim)
    end
    if has(line, UNKNOWN) then
        fail(line, ERROR_OUTCOME)
        save_line(line)
        return 0
    end
    set_unknown(line, patience)
    save_line(line)
    return later(line)
end

-- Nobody gets an erased message; one that is under way stays so until its lease ends.
local function claim_erased(line)
    if line.status == 'S' and line.when > now then
        return later(line)
    end
    if line.status == 'S' then
        fail(line, ERROR_OUTCOME)
    elseif not withhold(line) then
        return 0
    end
    save_line(line)
    return 0
end

local function claim_line(line, ask)
    if has(line, ERASED) then
        return claim_erased(line)
    end
    if line.status == 'Q' or line.status == 'W' then
        if now >= ask.till then
            fail(line, ERROR_EXPIRED)
            save_line(line)
            return 0
        end
        if line.when > now then
            return later(line)
        end
        if suspended or line.control and line.control.paused then
            return -math.min(now + HELD_MS, ask.till)
        end
        move(line, 'S')
        line.attempt = line.attempt + 1
        return grant(line, ask.claim)
    end
    if line.status ~= 'S' then
        return 0
    end
    if line.claim == ask.claim and not has(line, UNKNOWN) then
        return grant(line, ask.claim) -- the same question again
    end
    if line.when > now then
        return later(line)
    end
    return end_of_lease(line, ask)
end

local function load_or_create(key, place, plan)
    local line = load_line(key, place)
    if not line and create_chunk(key, plan) then
        line = load_line(key, place)
    end
    return line
end

-- False: the record's number is not the view's.
local function read_place(key, place, digits, plan, lines)
    local line = load_or_create(key, place, plan)
    if not line or (digits_of(line) ~= digits and not has(line, ERASED)) then
        return false
    end
    lines[#lines + 1] = line
    return true
end

-- The lines that are asked for; nil if a number differs.
local function read_lines(key, ask, plan)
    local lines, place = {}, 0
    if is_single(key) then
        return read_place(key, place, plan.numbers, plan, lines) and lines or nil
    end
    for recipient in string.gmatch(plan.numbers, '[^,]+') do
        place = place + 1
        if place >= ask.first and place < ask.first + ask.count and
            not read_place(key, place, string.match(recipient, '^%d+'), plan, lines) then
            return nil
        end
    end
    return lines
end

-- All lines are compared before the first is claimed: what differs claims nothing.
local function claim_chunk(key, ask, plan)
    local lines = read_lines(key, ask, plan)
    if not lines then
        return 'differs'
    end
    for i, line in ipairs(lines) do
        lines[i] = claim_line(line, ask)
    end
    return lines
end

local replies = {}
for i, key in ipairs(KEYS) do
    local ask = { claim = number(), deduplicates = text() == '1', till = number(), first = number(), count = number() }
    replies[i] = claim_chunk(key, ask, read_plan())
end
write_counts()
return replies
