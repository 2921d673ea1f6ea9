-- carrier_slow.lua - a carrier has throttled a sender. KEYS and ARGV[1] as carrier.lua; then: ms after which the carrier wants to
-- be asked again (0: it doesn't say), how many tokens (in 1/1000 a second) it has lately taken from this sender, and who that is.
-- Replies as carrier_take.lua.
--
-- The limit is cut once for all that the carrier throttles within EPISODE_MS. The first time it becomes a part of the speed
-- that the carrier has borne so far, from all senders that are throttled; from then on a part of itself, but never less than
-- LEAST_PART of `top`: what is throttled at any speed is not slowed down for good. LEAST_SPEED: one that has hardly sent
-- anything knows nothing of what the carrier bears.

local PART, LEAST_PART, EPISODE_MS, LEAST_SPEED, MOST_RETRY_MS = 0.7, 0.2, 1000, 50000, 3600000

local retry, speed, who = tonumber(ARGV[2]), math.max(tonumber(ARGV[3]), LEAST_SPEED), ',' .. ARGV[4] .. ','
if retry > 0 then
    state.shut = math.max(state.shut, now + math.min(retry, MOST_RETRY_MS))
    call('HSET', KEYS[1], 'shut', string.format('%d', state.shut))
end

local function write(limit, cut, top, by)
    limit = math.max(LEAST_PART * top, configured > 0 and math.min(limit, configured) or limit)
    state.limit, state.cut, state.top, state.by = math.floor(limit), cut, top, by
    call('HSET', KEYS[1], 'limit', string.format('%d', limit), 'cut', string.format('%d', cut), 'top',
        string.format('%d', top), 'by', by)
end

local limit = limit_now()
if not state.limit then
    write(PART * speed, now, configured > 0 and configured or speed, who)
elseif now - state.cut >= EPISODE_MS then
    write(PART * limit, now, state.top, '')
elseif state.by ~= '' and not string.find(state.by, who, 1, true) then
    write(state.limit + PART * speed, state.cut, configured > 0 and configured or state.top + speed, state.by .. who)
end
return { 0, 0, limit_now(), shut_ms() }
