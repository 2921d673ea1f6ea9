-- ref_sends.lua - the sends with a customer_ref, in the order in which their views were made (index.lua).
-- KEYS[1] ref:{account}. ARGV: the hash of the reference, the record of its bucket to begin with. It looks at WINDOW records
-- of the bucket, and behind the last of them at those that are still in the log.
-- Replies the record to go on with (-1: that was the end), then the ids (13 bytes), a single's with 's' behind it, else 'm'.

local WIDTH, WINDOW = 22, 4096
local hash, first = ARGV[1], tonumber(ARGV[2])
local bucket = KEYS[1] .. ':' .. string.byte(hash)
local reply = { -1 }

local function add(records, from)
    for at = from, #records, WIDTH do
        if string.sub(records, at, at + 7) == hash then
            reply[#reply + 1] = string.sub(records, at + 8, at + WIDTH - 1)
        end
    end
end

local records = redis.call('GETRANGE', bucket, first * WIDTH, (first + WINDOW) * WIDTH - 1)
add(records, 1)
if #records == WINDOW * WIDTH then
    reply[1] = first + WINDOW
else
    add(redis.call('GET', KEYS[1]) or '', 1)
end
return reply
