// JSON documents (nlohmann::json): made, written, parsed, looked through, compared, packed.
//
//     json ROUNDS
//     json ROUNDS packed   only packed and unpacked
//
// The same words always print the same line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using nlohmann::json;

static json make_documents()
{
    json documents = json::array();
    for (int i = 0; i < 4000; i++)
        documents.push_back({{"id", i},
                             {"name", "name " + std::to_string(i * 7919 % 10007)},
                             {"x", i / 7.0},
                             {"tags", {"a", "b", std::to_string(i % 13)}},
                             {"n", {{"k", i % 5}, {"deep", {{"v", nullptr}, {"t", i % 2 == 0}}}}}});
    return documents;
}

static std::string ranking(const std::map<std::string, int> &sums)
{
    std::vector<std::pair<int, std::string>> order;
    std::ostringstream text;
    for (const auto &one : sums)
        order.emplace_back(one.second, one.first);
    std::sort(order.begin(), order.end());
    for (const auto &one : order)
        text << one.first << ' ' << one.second << '\n';
    return text.str();
}

static unsigned long work_as_text(const json &documents, int round)
{
    json parsed = json::parse(documents.dump(round % 3 - 1));
    std::map<std::string, int> sums;
    unsigned long sum = 0;
    for (const auto &document : parsed) {
        int id = document["id"].get<int>();
        sums[document["name"].get<std::string>()] += id;
        try { // one in nine asks for what is not there
            sum += document.at("n").at("deep").at(id % 9 ? "t" : "u").get<bool>();
        } catch (const json::exception &error) {
            sum += std::string(error.what()).size();
        }
    }
    sum += ranking(sums).size();
    parsed.erase(parsed.begin() + 100, parsed.end() - 100);
    return sum + (parsed == documents);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? std::atoi(argv[1]) : 4;
    bool only_packed = argc > 2 && std::strcmp(argv[2], "packed") == 0;
    json documents = make_documents();
    unsigned long sum = 0;
    for (int round = 0; round < rounds; round++) {
        if (!only_packed)
            sum += work_as_text(documents, round);
        sum += json::from_msgpack(json::to_msgpack(documents)).size();
    }
    std::printf("%lu\n", sum);
}
