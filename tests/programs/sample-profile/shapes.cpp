// Templates, virtual calls, lambdas and exceptions: much is inlined, some of it into itself.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

unsigned scale_elsewhere(unsigned value);

namespace
{
// Another source file has a function of this name.
__attribute__((noinline)) unsigned local_step(unsigned x)
{
    return x % 5 ? x * 7 + 1 : x / 5;
}

struct shape {
    virtual ~shape() = default;
    virtual unsigned area(unsigned x) const = 0;
};

struct square : shape {
    unsigned area(unsigned x) const override { return x * x; }
};

struct ring : shape {
    unsigned hole;
    explicit ring(unsigned hole) : hole(hole) {}
    unsigned area(unsigned x) const override
    {
        if (x < hole)
            throw std::out_of_range("smaller than its hole");
        return 3 * (x * x - hole * hole);
    }
};

template <unsigned N> unsigned fold(const std::vector<unsigned> &items)
{
    return std::accumulate(items.begin(), items.end(), N,
                           [](unsigned a, unsigned b) { return (b & N) ? a ^ b : a + b; });
}

unsigned long fibonacci(unsigned n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

std::vector<std::unique_ptr<shape>> make_shapes()
{
    std::vector<std::unique_ptr<shape>> shapes;
    shapes.push_back(std::make_unique<square>());
    shapes.push_back(std::make_unique<ring>(3));
    return shapes;
}

const std::vector<std::unique_ptr<shape>> all_shapes = make_shapes();
} // namespace

int main(int argc, char **argv)
{
    unsigned rounds = (argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 100) / 8;
    std::map<unsigned, std::string> seen;
    std::vector<unsigned> items(300);
    unsigned long total = 0;
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < items.size(); i++)
            items[i] = scale_elsewhere(local_step(i ^ round));
        std::sort(items.begin(), items.end(),
                  [](unsigned a, unsigned b) { return (a & 255) < (b & 255); });
        for (const auto &one : all_shapes) {
            try {
                total += one->area(round % 64);
            } catch (const std::out_of_range &) {
                total++;
            }
        }
        total += fold<1>(items) + fold<16>(items) + fibonacci(round % 12);
        seen[items[round % items.size()] % 100] += "x";
    }
    for (const auto &[key, marks] : seen)
        total += key * marks.size();
    std::printf("%lu\n", total);
    return 0;
}
