
-- claim.lua - gives messages to a sender, for the length of a lease: QUEUED, or SCHEDULED
-- and due, becomes SENDING, as a new attempt.
--
-- ARGV[2] the lease in ms, ARGV[3] how long an unknown outcome may stay open in ms, ARGV[4] 'parts' or 'messages': what a
-- message costs of rates; then for each key: the claim's number, 1 where the carrier deduplicates by reference, the end of
-- the message's validity, the first place and how many, the send's rate in messages per 1000 s (0: none), 'fast' or 'bulk',
-- until when nobody of them is to be woken (0: they may be), and the chunk's plan, from which a view that is missing is made.
--
-- Replies for each key a list, one integer for each place asked for: n > 0 it is attempt n, and yours; 0 there is nothing
-- to do, now or later; -t come back at time t. Then the time until which all that is left of the chunk has to wait, or 0,
-- the time now, and the account's weight (0: it has none of its own). Or the word 'differs': the record's numbers are not the view's.
--
-- A suspended or paused account's messages wait, and so do those of a paused send, each until it is looked at again; they expire when
-- their time is over. Those of a cancelled send are CANCELLED (load_line).
--
-- Rates (gcra.lua) are the account's and its senders', which its record says, and the send's. A message takes its tokens of
-- all of them or of none. The first of a chunk's that gets none is promised a time, which lies in its line (PROMISED) until
-- it has come. Paces lie in rate:{account} and rate:{account}:<sender>, and in field `tat` of the send.
--
-- A claim whose reply was lost may be repeated under the same number, and gets the same attempt. A lease that ran out
-- means that the request may have left: where the carrier deduplicates it is repeated, elsewhere it stays unknown.

local PAUSED_MS = 10000 -- how long the messages of a paused send wait until they are looked at again
local LOOK_MS = 60000 -- the same of messages that wait for tokens: their rate may have changed

local lease, patience, in_parts = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == 'parts'
at = 4

-- What the account's record says; in one table, since a script has at most 200 local names.
local function read_owner()
    local record = call('GET', 'account:' .. account) or ''
    return {
        suspended = string.find(record, '"active":false', 1, true) or string.find(record, '"paused":true', 1, true),
        rate = tonumber(string.match(record, '"message_rate":(%d+)') or 0),
        sender_rates = string.match(record, '"sender_rates":(%b{})'),
        weight = tonumber(string.match(record, '"weight":(%d+)') or 0),
    }
end
local owner = read_owner()

-- When the messages of a suspended account are looked at again: all together at most 1,000 a second.
local next_look
local function look_again()
    next_look = next_look or now + math.max(1000, math.min(60000, tonumber(call('HGET', ALL, 'Q') or 0)))
    return next_look
end

-- --- rates ---

local now_us = now_s * 1000000 + tonumber(clock[2])
local paces = {} -- key -> pace

local function pace_in(key, milli, text)
    local pace = paces[key]
    if not pace then
        pace = pace_of(text or call('GET', key), milli, now_us)
        paces[key] = pace
    end
    return pace
end

-- found_by is read_plan's: what the send is from is its end.
local function sender_pace(found_by)
    local from = sub(found_by, 15 + byte(found_by, 14))
    local place, last = string.find(owner.sender_rates, '"' .. from .. '":', 1, true)
    local milli = place and tonumber(string.match(owner.sender_rates, '^%d+', last + 1))
    return milli and milli > 0 and pace_in('rate:' .. account .. ':' .. from, milli)
end

-- The paces that a chunk's messages must keep; nil: none.
local function paces_of(key, ask, plan, control)
    local list = {}
    if owner.rate > 0 then
        list[1] = pace_in('rate:' .. account, owner.rate)
    end
    if owner.sender_rates then
        list[#list + 1] = sender_pace(plan.found_by) or nil
    end
    local rate = control and tonumber(control.rate or ask.rate) or 0
    if rate > 0 then
        list[#list + 1] = pace_in(send_key(key), rate, control.tat or '')
    end
    for _, pace in ipairs(list) do
        pace.spent = 0
    end
    return #list > 0 and list or nil
end

local function write_paces()
    for key, pace in pairs(paces) do
        if not pace.changed then
            -- as it was
        elseif byte(key) == 115 then -- 's'
            call('HSET', key, 'tat', pace_text(pace))
        else
            call('SET', key, pace_text(pace), 'PX', math.ceil((math.max(pace.tat, pace.bulk) - now_us + IDLE) / 1000))
        end
    end
end

local function cost_of(line)
    return in_parts and line.parts or 1
end

-- What the messages that wait cost, from number i on.
local function costs_from(i, ask)
    local costs = {}
    for k = i, #ask.lines do
        local line = ask.lines[k]
        if (line.status == 'Q' or line.status == 'W') and line.when <= now then
            costs[#costs + 1] = cost_of(line)
        end
    end
    return costs
end

-- What was promised to the chunk: it comes by when its time has come (ask.promised), or waits on (ask.wait).
local function read_promise(ask)
    local promise
    for _, line in ipairs(ask.lines) do
        if line.status == 'Q' and has(line, PROMISED) then
            promise = math.min(promise or line.when, line.when)
            clear(line, PROMISED)
            line.when = 0
        end
    end
    if not promise or promise <= now then
        ask.promised = promise ~= nil
        return
    end
    for _, pace in ipairs(ask.paces or {}) do
        if pace_promised(pace, promise * 1000, ask.class) then
            ask.wait = promise
        end
    end
end

-- The time to come back, for the first message that gets no tokens, and all after it.
local function refuse(line, i, ask)
    local cost, when = cost_of(line), 0
    local costs = costs_from(i, ask)
    for _, pace in ipairs(ask.paces) do
        if not pace_fits(pace, cost, ask.class, ask.promised, now_us) then
            when = math.max(when, pace_promise(pace, costs, ask.class, now_us))
        end
    end
    ask.wait = math.ceil(when / 1000)
    if line.status == 'W' then
        move(line, 'Q')
    end
    set(line, PROMISED)
    line.when = ask.wait
    save_line(line)
end

-- nil: the message has its tokens. Else the time to come back.
local function wait_for_tokens(line, i, ask)
    if not ask.paces then
        return nil
    end
    local cost, fits = cost_of(line), not ask.wait
    for _, pace in ipairs(ask.paces) do
        fits = fits and pace_fits(pace, cost, ask.class, ask.promised, now_us)
    end
    if not fits then
        if not ask.wait then
            refuse(line, i, ask)
        end
        return math.min(ask.wait, now + LOOK_MS)
    end
    for _, pace in ipairs(ask.paces) do
        pace_take(pace, cost, ask.class, ask.promised)
    end
    return nil
end

-- The same of a message that is to be repeated: its line can't say what it was promised, so it goes before those that wait.
local function repeat_waits(line, ask)
    local free_at = 0
    for _, pace in ipairs(ask.paces or {}) do
        free_at = math.max(free_at, pace_free_at(pace))
    end
    if free_at > now_us then
        return math.max(now + 1, math.min(math.ceil(free_at / 1000), now + LOOK_MS))
    end
    for _, pace in ipairs(ask.paces or {}) do
        pace_take(pace, cost_of(line), ask.class, true)
    end
    return nil
end

-- --- lines ---

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
        if ask.hold > now then
            return -math.min(ask.hold, ask.till)
        end
        local wait = repeat_waits(line, ask)
        if wait then
            return -wait
        end
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

-- The time to come back, for a message that could go but for what holds all of its chunk; nil: it goes.
local function wait_of(line, i, ask)
    if owner.suspended then
        return look_again()
    elseif line.control and line.control.paused or has(line, HELD) then
        return now + PAUSED_MS
    end
    return wait_for_tokens(line, i, ask)
end

local function claim_line(line, i, ask)
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
        if ask.hold > now then
            return -math.min(ask.hold, ask.till)
        end
        local wait = wait_of(line, i, ask)
        if wait then
            ask.rest = math.min(wait, ask.till)
            return -ask.rest
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

-- The line of a recipient, which is digits, or digits:parts:error. False: the record's number is not the view's.
local function read_place(key, place, recipient)
    local line = load_line(key, place)
    if not line then
        return false
    end
    local there = sub(line.bytes, HEAD + 1)
    if there == recipient or has(line, ERASED) or digits_of(line) == string.match(recipient, '^%d+') then
        return line
    end
    return false
end

local names

-- The places that are asked for, and their recipients in the record.
local function places_of(ask, plan)
    local places, recipients, place, last = {}, {}, 0, ask.first + ask.count - 1
    names = names or place_names()
    for recipient in string.gmatch(plan.numbers, '[^,]+') do
        place = place + 1
        if place > last then
            break
        elseif place >= ask.first then
            places[#places + 1] = names[place]
            recipients[#recipients + 1] = recipient
        end
    end
    return places, recipients
end

local function read_single(key, plan)
    local line = read_place(key, '0', plan.numbers)
    if not line and create_chunk(key, plan) then
        line = read_place(key, '0', plan.numbers)
    end
    return line and { line }
end

-- The lines that are asked for; nil if a number differs.
local function read_lines(key, ask, plan)
    if is_single(key) then
        return read_single(key, plan) or nil
    end
    local places, recipients = places_of(ask, plan)
    local lines = {}
    if #places == 0 then
        return lines
    end
    read_ahead(key, places)
    if not chunk_of(key).bytes[places[1]] and create_chunk(key, plan) then
        read_ahead(key, places)
    end
    for i, place in ipairs(places) do
        lines[i] = read_place(key, place, recipients[i])
        if not lines[i] then
            return nil
        end
    end
    return lines
end

-- Until when they may be sent: as the view says, when their time was changed (control.lua).
local function read_till(key, ask, control)
    local till = control and control.till
    if not control and has(ask.lines[1], MOVED) then
        till = string.match(call('GET', key), '"until":(%d+)', HEAD)
    end
    ask.till = tonumber(till or ask.till)
end

-- All lines are compared before the first is claimed: what differs claims nothing.
local function claim_chunk(key, ask, plan)
    local lines = read_lines(key, ask, plan)
    if not lines then
        return 'differs'
    end
    local control = not is_single(key) and control_of(send_key(key))
    ask.lines = lines
    ask.paces = paces_of(key, ask, plan, control)
    read_till(key, ask, control)
    read_promise(ask)
    local answers = {}
    for i, line in ipairs(lines) do
        answers[i] = claim_line(line, i, ask)
    end
    answers[#answers + 1] = ask.rest or 0
    answers[#answers + 1] = now
    answers[#answers + 1] = owner.weight
    return answers
end

local replies = {}
for i, key in ipairs(KEYS) do
    local ask = { claim = number(), deduplicates = text() == '1', till = number(), first = number(), count = number(),
        rate = number(), class = text(), hold = number() }
    replies[i] = claim_chunk(key, ask, read_plan())
end
write_paces()
write_counts()
return replies
