-- merge.lua - changes fields of a JSON object. KEYS[1] the record. ARGV: the fields as a JSON object, of which a null
-- removes one; after how many ms the record is gone (0: as before).
-- Replies the record as it is now, or nil: there is none. Numbers in it have at most 14 digits, which is what is written.

local text = redis.call('GET', KEYS[1])
if not text then
    return false
end
local record = cjson.decode(text)
for name, value in pairs(cjson.decode(ARGV[1])) do
    if value == cjson.null then
        record[name] = nil
    else
        record[name] = value
    end
end
text = cjson.encode(record)
if ARGV[2] == '0' then
    redis.call('SET', KEYS[1], text, 'KEEPTTL')
else
    redis.call('SET', KEYS[1], text, 'PX', ARGV[2])
end
return text
