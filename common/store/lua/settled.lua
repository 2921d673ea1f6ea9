-- settled.lua - a line as it reads: one that waits, of a send that was cancelled, is CANCELLED (state.lua).
-- cancelled: what s: says of that, in ms; nil or false where it says nothing.

local function settled(line, cancelled)
    local letter = string.sub(line, 1, 1)
    if not cancelled or #line < 26 or letter ~= 'Q' and letter ~= 'W' then
        return line
    end
    return 'C' .. string.sub(line, 2, 5) .. '\0' .. string.sub(line, 7, 20) ..
        struct.pack('>I4', math.floor(cancelled / 1000)) .. string.sub(line, 25)
end

