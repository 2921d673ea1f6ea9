-- send.lua - for wrk: single sends, each to a number and with a reference of its own; an exact count of them, or for a
-- time. wrk alone ends at a point in time, with requests under way whose answers nobody counts. Here a connection whose
-- turn it is after the end gets the first letter of a request, and so waits; once all wait, all are answered.
--
-- From the environment: BENCH_KEY, BENCH_RUN (begins every reference), BENCH_COUNT (0: no limit), BENCH_SECONDS,
-- BENCH_THREADS and BENCH_CONNECTIONS as wrk has them, BENCH_OUT (a file that doesn't exist, for the result as JSON),
-- BENCH_SCHEDULED_AT (empty or absent: now).
-- Times are seconds of the monotonic clock.

local ffi = require('ffi')
ffi.cdef [[
    struct bench_time { long s, ns; };
    int clock_gettime(int clock, struct bench_time *time);
    int getpid(void);
    int kill(int pid, int signal);
]]
local MONOTONIC, SIGINT = 1, 2

local function env(name)
    return tonumber(os.getenv(name))
end

local THREADS = env('BENCH_THREADS')
local CONNECTIONS = env('BENCH_CONNECTIONS') / THREADS
local COUNT, SECONDS = env('BENCH_COUNT') / THREADS, env('BENCH_SECONDS')
local OUT = os.getenv('BENCH_OUT')

local clock = ffi.new('struct bench_time')
local function now()
    ffi.C.clock_gettime(MONOTONIC, clock)
    return tonumber(clock.s) + tonumber(clock.ns) / 1e9
end

-- In wrk's main thread, which has a state of its own.
local threads = {}
function setup(thread)
    threads[#threads + 1] = thread
    thread:set('id', #threads)
end

local head, middle, tail
local asked, waiting, tried = 0, 0, false
first_at, last_at = 0, 0

function init()
    local to = string.format('+4790%d', id)
    middle = string.format('"],"message":"%s","customer_ref":"%s-%d-',
        'Your parcel has arrived at the pick-up point. Show the code 4711 within seven days.', os.getenv('BENCH_RUN'),
        id)
    local at = os.getenv('BENCH_SCHEDULED_AT') or ''
    tail = at == '' and '"}' or '","scheduled_at":"' .. at .. '"}'
    local body = '{"to":["' .. to
    head = string.format('POST %s HTTP/1.1\r\nHost: %s\r\nX-API-Key: %s\r\nContent-Type: application/json\r\n' ..
        'Content-Length: %d\r\n\r\n%s', wrk.path, wrk.headers['Host'], os.getenv('BENCH_KEY'),
        #body + #middle + #tail + 2 * 7, body)
end

-- The last thread to end wakes wrk's main thread, which sleeps until the end of its -d.
local function leave()
    local file = io.open(OUT .. '.ended', 'a')
    file:write('x')
    if file:seek('end') == THREADS then
        ffi.C.kill(ffi.C.getpid(), SIGINT)
    end
    file:close()
end

local function wait()
    waiting = waiting + 1
    if waiting == CONNECTIONS then
        last_at = now()
        wrk.thread:stop()
        leave()
    end
    return 'P'
end

function request()
    local at = now()
    if id == 1 and not tried then -- wrk asks for one at the start, reads it and throws it away
        tried = true
        return head .. '0000000' .. middle .. '0000000' .. tail
    end
    if first_at == 0 then
        first_at = at
    end
    if (COUNT > 0 and asked >= COUNT) or at - first_at >= SECONDS then
        return wait()
    end
    asked = asked + 1
    local n = string.format('%07d', asked)
    return head .. n .. middle .. n .. tail
end

function done(summary, latency)
    local first, last = math.huge, 0
    for _, thread in ipairs(threads) do
        first = math.min(first, thread:get('first_at'))
        local at = thread:get('last_at')
        last = at > 0 and last and math.max(last, at)
    end
    local e = summary.errors
    local file = io.open(OUT, 'w')
    local result = '{"answered": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d, "max_us": %d, ' ..
        '"first_at": %.6f, "last_at": %s}\n'
    file:write(string.format(result, summary.requests, e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(50), latency:percentile(99), latency.max, first,
        last and string.format('%.6f', last) or 'null')) -- null: not all was answered in time
    file:close()
end
