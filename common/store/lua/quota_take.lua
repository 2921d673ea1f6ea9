-- quota_take.lua - takes a whole send out of its account's quotas, or nothing. KEYS[1] what the account has used. ARGV:
-- messages, what they cost, the quota of messages a day, that of money a month (0: none), the currency.
-- Replies 1, the day, the month; or 0, which quota is in the way, how much of it is left, when it begins anew (s).
--
-- Days and months are those of UTC, by Redis' clock. Money of another currency is not counted: after a change of the
-- currency the month begins anew.

local floor = math.floor

-- Days since 1970 -> months since the year 0, and the day of the month (the civil calendar, with years from March).
local function month_of(day)
    local era_day = (day + 719468) % 146097
    local era = floor((day + 719468) / 146097)
    local year = floor((era_day - floor(era_day / 1460) + floor(era_day / 36524) - floor(era_day / 146096)) / 365)
    local year_day = era_day - (365 * year + floor(year / 4) - floor(year / 100))
    local march = floor((5 * year_day + 2) / 153)
    return (era * 400 + year) * 12 + march + 2, year_day - floor((153 * march + 2) / 5) + 1
end

local today = floor(tonumber(redis.call('TIME')[1]) / 86400)
local month, date = month_of(today)
local _, overshoot = month_of(today - date + 32)
local next_month = today - date + 32 - overshoot + 1

local used = redis.call('HMGET', KEYS[1], 'day', 'messages', 'month', 'spend', 'currency')
local messages = tonumber(used[1]) == today and tonumber(used[2]) or 0
local spend = tonumber(used[3]) == month and used[5] == ARGV[5] and tonumber(used[4]) or 0
local most_messages, most_spend = tonumber(ARGV[3]), tonumber(ARGV[4])

if most_spend > 0 and spend + tonumber(ARGV[2]) > most_spend then
    return { 0, 'spend', math.max(most_spend - spend, 0), next_month * 86400 }
end
if most_messages > 0 and messages + tonumber(ARGV[1]) > most_messages then
    return { 0, 'messages', math.max(most_messages - messages, 0), (today + 1) * 86400 }
end
redis.call('HSET', KEYS[1], 'day', today, 'messages', string.format('%.0f', messages + ARGV[1]), 'month', month,
    'spend', string.format('%.0f', spend + ARGV[2]), 'currency', ARGV[5])
redis.call('EXPIREAT', KEYS[1], next_month * 86400)
return { 1, today, month }
