// Exceptions, threads, strings, maps and floating point, for the comparator.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static double work(int seed)
{
    std::map<std::string, double> sums;
    std::vector<double> values;
    for (int i = 0; i < 20000; i++) {
        auto name = std::to_string(i * 7919 % 10007 + seed);
        sums[name] += std::sin(i) * std::pow(i, 0.3);
        values.push_back(sums[name]);
        try {
            if (i % 7 == 0)
                throw std::runtime_error(name);
        } catch (std::exception &error) {
            values.back() += std::string(error.what()).size();
        }
    }
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

int main()
{
    double results[4] = {};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&results, i] {
            for (int round = 0; round < 8; round++)
                results[i] += work(i + round);
        });
    for (auto &thread : threads)
        thread.join();
    std::printf("%f %f %f %f\n", results[0], results[1], results[2], results[3]);
}
