-- gcra_probe.lua - many chunks at one pace, in a time of its own: asks as claim.lua does, and replies when what was taken.
--
-- ARGV: 1/1000 tokens a second, chunks, messages of each, the most that one costs, us that a chunk comes too late at most,
-- us within which the chunks come first, how many of the chunks are fast, a seed. KEYS[1] is only a place.
-- Replies a list: time, cost, chunk, again and again, in the order of times; each chunk's first ask came at `asked` looks in all,
-- which is the last number.

local milli, chunks, size, most, late, spread, fast, seed = unpack(ARGV)
milli, chunks, size, most, late, spread, fast = tonumber(milli), tonumber(chunks), tonumber(size), tonumber(most),
    tonumber(late), tonumber(spread), tonumber(fast)
math.randomseed(tonumber(seed))

local START = 1700000000000000
local asks, text, reply, looks = {}, nil, {}, 0
for i = 1, chunks do
    asks[i] = { at = START + math.random(0, spread), left = size, class = i <= fast and 'fast' or 'bulk', costs = {} }
    for k = 1, size do
        asks[i].costs[k] = math.random(1, most)
    end
end

local function next_ask()
    local best
    for i, ask in ipairs(asks) do
        if ask.left > 0 and (not best or ask.at < asks[best].at) then
            best = i
        end
    end
    return best
end

local function ask_once(i, ask)
    local now = ask.at
    local pace = pace_of(text, milli, now)
    while ask.left > 0 do
        local cost = ask.costs[ask.left]
        if not pace_fits(pace, cost, ask.class, ask.promised, now) then
            local costs = {}
            for k = ask.left, 1, -1 do
                costs[#costs + 1] = ask.costs[k]
            end
            -- a whole ms, as lines have it
            ask.at = math.ceil(pace_promise(pace, costs, ask.class, now) / 1000) * 1000 + math.random(0, late)
            break
        end
        pace_take(pace, cost, ask.class, ask.promised)
        ask.left = ask.left - 1
        reply[#reply + 1] = now - START
        reply[#reply + 1] = cost
        reply[#reply + 1] = i
    end
    ask.promised = true
    text = pace_text(pace)
end

local i = next_ask()
while i do
    looks = looks + 1
    ask_once(i, asks[i])
    i = next_ask()
end
reply[#reply + 1] = looks
return reply
