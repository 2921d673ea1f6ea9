-- gcra.lua - how fast something may go: the generic cell rate algorithm, and places in a queue for those who must wait.
--
-- A pace has `tat`, the time at which all tokens that were taken are worked off, one each `interval`. A token may be taken
-- while tat is at most TOLERANCE ahead of now. So in no second are more taken than the limit, a quarter of it, and one; and
-- who comes by up to TOLERANCE late still finds what has gathered meanwhile.
--
-- Who is refused is promised a time, and comes back then. Those who wait are promised consecutive times: `bulk` and `fast` are
-- what tat will be when all of them have come and taken their share, of SHARE at most. Who has no promise may only take what is
-- left beside those; a fast one counts only others who are fast. When nobody has taken any for IDLE, those who were promised
-- them have gone: the queue begins anew.
--
-- Times are us, as are IDLE and the others. Pure: the time is given.

local TOLERANCE, SHARE, IDLE = 250000, 62500, 1000000

-- Of what pace_text has written, or nil. milli: 1/1000 tokens a second.
local function pace_of(text, milli, now)
    local pace = { interval = 1e9 / milli, tat = now, bulk = now, fast = now, spent = 0 }
    local tat, bulk, fast, rate = string.match(text or '', '^(%S+) (%S+) (%S+) (%d+)$')
    pace.milli = milli
    if not tat then
        return pace
    end
    tat = tonumber(tat)
    if tonumber(rate) ~= milli then -- the tokens that were taken still count; what was promised at another rate is void
        pace.tat = now + math.max(0, math.min((tat - now) * tonumber(rate) / milli, TOLERANCE))
        pace.bulk, pace.fast = pace.tat, pace.tat
    else
        pace.tat = math.max(now, tat)
        if now - tat < IDLE then
            pace.bulk, pace.fast = math.max(pace.tat, tonumber(bulk)), math.max(pace.tat, tonumber(fast))
        end
    end
    return pace
end

local function pace_text(pace)
    return string.format('%.1f %.1f %.1f %d', pace.tat, pace.bulk, pace.fast, pace.milli)
end

-- May one that comes back, as it was promised, take this much and stay within its share? The first message always is.
local function pace_reserved(pace, cost, promised)
    return promised and (pace.spent == 0 or pace.spent + cost * pace.interval <= SHARE + 0.5)
end

-- class: 'fast' or 'bulk'.
local function pace_fits(pace, cost, class, promised, now)
    local busy = pace_reserved(pace, cost, promised) and pace.tat or pace[class]
    return busy <= now + TOLERANCE
end

local function pace_take(pace, cost, class, promised)
    local time = cost * pace.interval
    local reserved = pace_reserved(pace, cost, promised)
    pace.changed = true
    pace.tat = pace.tat + time
    if reserved then
        pace.spent = pace.spent + time
    else
        pace.bulk = pace.bulk + time
        if class == 'fast' then
            pace.fast = pace.fast + time
        end
    end
    pace.bulk, pace.fast = math.max(pace.bulk, pace.tat), math.max(pace.fast, pace.tat)
end

-- The time to come back, for messages that cost so much each, in their order.
local function pace_promise(pace, costs, class, now)
    local share, count = costs[1] * pace.interval, 1
    while costs[count + 1] and share + costs[count + 1] * pace.interval <= SHARE do
        count = count + 1
        share = share + costs[count] * pace.interval
    end
    local at = pace[class] - TOLERANCE + share - costs[count] * pace.interval
    pace.changed = true
    pace.bulk = pace.bulk + share
    if class == 'fast' then
        pace.fast = pace.fast + share
    end
    return math.max(at, now + 1)
end

-- When one that may go before those who wait can take a token.
local function pace_free_at(pace)
    return pace.tat - TOLERANCE
end

-- Was this time promised at the present rate, and since the queue began?
local function pace_promised(pace, at, class)
    return at <= pace[class]
end
