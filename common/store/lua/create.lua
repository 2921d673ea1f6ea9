
-- create.lua - makes the views of chunks that Kafka has acknowledged.
-- ARGV for each key: the plan. Replies 1 for each chunk that was made here, 0 for one that was there.

local replies = {}
for i, key in ipairs(KEYS) do
    replies[i] = create_chunk(key, read_plan()) and CHANGED or SAME
end
write_counts()
return replies
