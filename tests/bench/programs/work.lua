-- What scripts do: tables, strings, patterns, closures, objects, coroutines.
-- SIZE scales it; the same SIZE prints the same lines.
local size = tonumber(SIZE)
local seed = 42
local function random(limit)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed // 65536 % limit
end

local Account = {}
Account.__index = Account
function Account.new(name) return setmetatable({name = name, balance = 0, history = {}}, Account) end
function Account:book(amount)
    if amount < 0 and self.balance + amount < -500 then return nil, "overdrawn" end
    self.balance = self.balance + amount
    self.history[#self.history + 1] = amount
    return self.balance
end

local function bank(rounds)
    local accounts, refused = {}, 0
    for i = 1, 100 do accounts[i] = Account.new("account " .. i) end
    for _ = 1, rounds do
        local balance, why = accounts[random(100) + 1]:book(random(200) - 100)
        if not balance and why == "overdrawn" then refused = refused + 1 end
    end
    table.sort(accounts, function(a, b)
        if a.balance ~= b.balance then return a.balance < b.balance end
        return a.name < b.name
    end)
    return accounts[1].name, accounts[100].balance, refused
end

local function text(rounds)
    local words, counts = {}, {}
    for i = 1, rounds do words[i] = string.format("%s%d", ("abcdefgh"):sub(1, random(8) + 1), random(50)) end
    for word, digits in table.concat(words, " "):gmatch("(%a+)(%d+)") do
        counts[word] = (counts[word] or 0) + tonumber(digits)
    end
    local lines = {}
    for word, count in pairs(counts) do lines[#lines + 1] = word:upper() .. "=" .. count end
    table.sort(lines)
    return table.concat(lines, ","):gsub("%d", function(d) return d > "4" and "+" or "-" end)
end

local function sieve(limit)
    local composite, primes = {}, 0
    for i = 2, limit do
        if not composite[i] then
            primes = primes + 1
            for j = i * i, limit, i do composite[j] = true end
        end
    end
    return primes
end

local function queens(n)
    local columns, up, down, found = {}, {}, {}, 0
    local function place(row)
        if row > n then found = found + 1 return end
        for column = 1, n do
            if not (columns[column] or up[row + column] or down[row - column + n]) then
                columns[column], up[row + column], down[row - column + n] = true, true, true
                place(row + 1)
                columns[column], up[row + column], down[row - column + n] = nil, nil, nil
            end
        end
    end
    place(1)
    return found
end

local function pipeline(count)
    local source = coroutine.wrap(function() for i = 1, count do coroutine.yield(i) end end)
    local sum = 0
    for value in source do if value % 3 == 0 then sum = sum + value elseif value % 5 == 0 then sum = sum - 1 end end
    return sum
end

for _ = 1, size do
    print(bank(6000))
    print(text(1500))
    print(sieve(6000), queens(6), pipeline(2000))
end
