-- carrier_take.lua - tokens of a carrier for a sender. KEYS and ARGV[1] as carrier.lua; then: how many tokens may be taken at
-- once (0: a quarter of a second's, at least 2), 'fast' or 'bulk', how many are wanted, how many are brought back.
-- Replies how many are given, us until it is worth asking again, the limit now (0: none), ms for which the carrier is shut.
--
-- Tokens are given for HOLD_US, so that as much more may be on its way in a second. Bulk leaves a tenth of
-- what may be taken at once, and at least one, so that fast finds some whenever it comes, however much bulk there is.

local HOLD_US, WORTH_US = 50000, 20000

local limit = limit_now()
if limit == 0 or shut_ms() > 0 then
    return { 0, 1000 * shut_ms(), limit, shut_ms() }
end
local interval, fast = 1e9 / limit, ARGV[3] == 'fast'
local burst = ARGV[2] == '0' and math.max(2, limit / 4000) or tonumber(ARGV[2])
local tolerance = math.max(burst * interval - HOLD_US, interval)
local want = tonumber(ARGV[4])
local tat = math.min(state.tat, now_us + tolerance + interval) -- the limit may have changed
tat = math.max(now_us, tat - tonumber(ARGV[5]) * interval)
if not fast then
    tolerance = math.max(tolerance - math.max(burst * interval / 10, interval), 0)
end
local there = tat <= now_us + tolerance and math.floor((now_us + tolerance - tat) / interval + 0.001) + 1 or 0
local taken = math.min(want, there)
tat = tat + taken * interval
call('HSET', KEYS[1], 'tat', string.format('%.1f', tat))
local wait = tat - tolerance - now_us
if not fast then
    wait = wait + math.max(math.min(want * interval, WORTH_US) - interval, 0)
end
return { taken, math.max(math.ceil(wait), 0), limit, 0 }
