// A C++ program as they are: virtual calls, containers, strings, exceptions, sorting.
//
//     shop SIZE        SIZE days of a shop
//     shop SIZE sums   where customers ask more than they buy
//
// The same SIZE always prints the same lines.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

static uint64_t state = 88172645463325252u;

static unsigned random_below(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<unsigned>((state >> 11) % limit);
}

struct Item {
    virtual ~Item() = default;
    virtual unsigned price(unsigned count) const = 0;
    virtual std::string label() const = 0;
};

struct Book : Item {
    unsigned pages;
    explicit Book(unsigned pages) : pages(pages) {}
    unsigned price(unsigned count) const override
    {
        return count * (pages < 100 ? 500 : pages < 400 ? 900 : 1500);
    }
    std::string label() const override { return "book of " + std::to_string(pages); }
};

struct Fruit : Item {
    unsigned grams;
    explicit Fruit(unsigned grams) : grams(grams) {}
    unsigned price(unsigned count) const override
    {
        unsigned whole = count * grams * 3 / 10;
        return count >= 10 ? whole - whole / 10 : whole;
    }
    std::string label() const override { return std::to_string(grams) + " g of fruit"; }
};

struct Voucher : Item {
    unsigned worth;
    explicit Voucher(unsigned worth) : worth(worth) {}
    unsigned price(unsigned count) const override
    {
        if (count > 3)
            throw std::invalid_argument("too many vouchers");
        return worth * count;
    }
    std::string label() const override { return "voucher"; }
};

struct Shop {
    std::vector<std::unique_ptr<Item>> items;
    std::unordered_map<std::string, unsigned> sold;
    std::map<unsigned, std::vector<unsigned>> by_price;
    unsigned refused = 0;

    Shop()
    {
        for (unsigned i = 0; i < 600; i++) {
            if (i % 3 == 0)
                items.push_back(std::make_unique<Book>(random_below(800)));
            else if (i % 3 == 1)
                items.push_back(std::make_unique<Fruit>(10 + random_below(300)));
            else
                items.push_back(std::make_unique<Voucher>(100 * random_below(20)));
        }
    }

    void sell(unsigned item, unsigned count)
    {
        try {
            unsigned price = items[item]->price(count);
            sold[items[item]->label()] += count;
            by_price[price / 100].push_back(item);
        } catch (const std::invalid_argument &) {
            refused++;
        }
    }

    std::string report() const
    {
        std::vector<std::pair<std::string, unsigned>> rows(sold.begin(), sold.end());
        std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
            return a.second != b.second ? a.second > b.second : a.first < b.first;
        });
        std::ostringstream text;
        for (size_t i = 0; i < rows.size() && i < 20; i++)
            text << rows[i].first << ": " << rows[i].second << "; ";
        return text.str();
    }
};

// A recursive-descent calculator, for the sums that customers ask about.
class Calculator {
    const char *next;

    long number()
    {
        if (*next == '(') {
            next++;
            long value = sum();
            next++;
            return value;
        }
        long value = 0;
        while (*next >= '0' && *next <= '9')
            value = value * 10 + (*next++ - '0');
        return value;
    }

    long product()
    {
        long value = number();
        while (*next == '*' || *next == '%') {
            char sign = *next++;
            long other = number();
            value = sign == '*' ? value * other % 1000003 : other ? value % other : value;
        }
        return value;
    }

    long sum()
    {
        long value = product();
        while (*next == '+' || *next == '-')
            value = *next++ == '+' ? value + product() : value - product();
        return value;
    }

  public:
    long answer(const std::string &question)
    {
        next = question.c_str();
        return sum();
    }
};

static std::string question(unsigned depth)
{
    static const char signs[] = {'+', '-', '*', '%', '+'};
    if (depth == 0 || random_below(4) == 0)
        return std::to_string(random_below(1000));
    std::string left = question(depth - 1), right = question(depth - 1);
    return "(" + left + signs[random_below(5)] + right + ")";
}

int main(int argc, char **argv)
{
    unsigned long days = argc == 2 || argc == 3 ? std::strtoul(argv[1], nullptr, 10) : 0;
    bool sums = argc == 3 && std::strcmp(argv[2], "sums") == 0;
    if (days == 0 || (argc == 3 && !sums)) {
        std::fputs("usage: shop SIZE [sums]\n", stderr);
        return 2;
    }
    unsigned sales = sums ? 500 : 20000, questions = sums ? 2000 : 400;
    long answers = 0;
    for (unsigned long day = 0; day < days; day++) {
        Shop shop;
        Calculator calculator;
        for (unsigned i = 0; i < sales; i++)
            shop.sell(random_below(600), 1 + random_below(random_below(40) ? 3 : 12));
        for (unsigned i = 0; i < questions; i++)
            answers += calculator.answer(question(7));
        if (day % 50 == 0)
            std::printf("%s%u refused\n", shop.report().c_str(), shop.refused);
        else
            answers += static_cast<long>(shop.report().size());
    }
    std::printf("%ld\n", answers);
}
