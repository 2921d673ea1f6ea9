-- carrier.lua - how fast messages may go to a carrier, from all senders together. KEYS[1] is rate:{carrier:<name>}, a hash:
--
--   tat     us: when all tokens that were taken are worked off, as in gcra.lua
--   shut    ms: nothing is handed over before
--   limit   what it was cut to (1/1000 tokens a second) at `cut` (ms), when the carrier throttled last. It grows from then on
--   top     what it grows to: the limit of the configuration; else twice this is as good as none
--   by      who has told its speed since then
--
-- ARGV[1] is the limit of the configuration, 0: none.

local GROWS_S = 20 -- from nothing to `top`

local call = redis.call
local clock = call('TIME')
local now_us = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local now = math.floor(now_us / 1000)
local configured = tonumber(ARGV[1])

local fields = call('HMGET', KEYS[1], 'tat', 'shut', 'limit', 'cut', 'top', 'by')
local state = { tat = tonumber(fields[1] or 0), shut = tonumber(fields[2] or 0), limit = tonumber(fields[3] or nil),
    cut = tonumber(fields[4] or 0), top = tonumber(fields[5] or 0), by = fields[6] or '' }

-- The limit now; 0: none.
local function limit_now()
    if not state.limit then
        return configured
    end
    local grown = state.limit + math.max(state.top / GROWS_S, 1000) * math.max(now - state.cut, 0) / 1000
    if grown < (configured > 0 and configured or 2 * state.top) then
        return math.floor(grown)
    end
    call('HDEL', KEYS[1], 'limit', 'cut', 'top', 'by')
    state.limit = nil
    return configured
end

local function shut_ms()
    return math.max(state.shut - now, 0)
end
