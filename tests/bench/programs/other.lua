-- Mostly other work than work.lua's: words of a text, a heap; queens are there too. SIZE scales it.
local size = tonumber(SIZE)

local function queens(count)
    local columns, falling, rising, found = {}, {}, {}, 0
    local function place(row)
        if row > count then
            found = found + 1
            return
        end
        for column = 1, count do
            local down, up = row + column, row - column + count
            if not (columns[column] or falling[down] or rising[up]) then
                columns[column], falling[down], rising[up] = true, true, true
                place(row + 1)
                columns[column], falling[down], rising[up] = nil, nil, nil
            end
        end
    end
    place(1)
    return found
end

local function words(rounds)
    local counts, text = {}, "It was the best of times, it was the worst of times; (we had everything)"
    for round = 1, rounds do
        for word in (text .. round):lower():gmatch("%a+") do
            counts[word] = (counts[word] or 0) + #word
        end
    end
    local list = {}
    for word, count in pairs(counts) do
        list[#list + 1] = string.format("%s=%d", word, count)
    end
    table.sort(list)
    return table.concat(list, ","):gsub("=%d+", "")
end

local function heap(count)
    local items, seed, sum = {}, 7, 0
    for i = 1, count do
        seed = (seed * 69069 + 1) % 4294967296
        items[i] = seed
        local child = i
        while child > 1 and items[child // 2] > items[child] do
            items[child // 2], items[child] = items[child], items[child // 2]
            child = child // 2
        end
        sum = sum ~ items[1]
    end
    return sum
end

print(queens(4 + size), words(60 * size), heap(1000 * size))
