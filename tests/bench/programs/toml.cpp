// TOML documents (toml++): parsed, changed, written; one in four is wrong, and is refused by an
// exception.
//
//     toml ROUNDS
//     toml ROUNDS converted   other documents, written as JSON and YAML
//
// The same words always print the same line.
#define TOML_HEADER_ONLY 1
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <toml++/toml.h>

static std::string make_package(int number)
{
    std::ostringstream text;
    text << "# package " << number << "\n[package]\nname = \"package-" << number * 7919 % 1009
         << "\"\nversion = '" << number % 9 << '.' << number % 17 << ".0'\nkeywords = [";
    for (int i = 0; i < number % 7; i++)
        text << "\"word \\u00e9 " << i << "\", ";
    text << "]\nsize = " << number * 4099 << "\nshare = " << number / 7.0 << "\ndate = 2024-0"
         << number % 9 + 1 << "-11T07:32:00Z\n\n[dependencies]\n";
    for (int i = 0; i < number % 11 + 3; i++)
        text << "library" << i << " = { version = \"1." << i
             << "\", optional = " << (i % 3 ? "true" : "false") << ", features = [\"a\", \"b" << i
             << "\"] }\n";
    for (int i = 0; i < number % 5; i++)
        text << "\n[[bin]]\nname = \"program" << i << "\"\npath = \"src/program" << i << ".rs\"\n";
    switch (number % 16) { // each wrong in its own way
    case 3:
        text << "name = \"not closed\n";
        break;
    case 7:
        text << "\n[package]\nagain = 1\n";
        break;
    case 11:
        text << "number = 12__3\n";
        break;
    case 15:
        text << "date = 2024-13-41\n";
        break;
    default:
        break;
    }
    return text.str();
}

static std::string make_table(int number)
{
    std::ostringstream text;
    for (int row = 0; row < 24; row++)
        text << "row" << row << " = [" << number * row << ", 0x" << std::hex << number * 31 + row
             << std::dec << ", " << row / 3.0 << ", [" << row << ", 1_000], '''a\nb" << row
             << "''']\n";
    text << "[limits.cpu]\ntime = 07:32:0" << number % 10 << "\nhard = inf\n";
    return text.str();
}

static unsigned long walk(const toml::node &node)
{
    unsigned long sum = 1;
    node.visit([&sum](const auto &value) {
        if constexpr (toml::is_table<decltype(value)>)
            for (const auto &[key, inner] : value)
                sum += key.length() + walk(inner);
        else if constexpr (toml::is_array<decltype(value)>)
            for (const auto &inner : value)
                sum += walk(inner);
        else if constexpr (toml::is_integer<decltype(value)>)
            sum += static_cast<unsigned long>(*value);
        else if constexpr (toml::is_string<decltype(value)>)
            sum += value->size();
    });
    return sum;
}

static unsigned long work(const std::string &text, bool is_converted, int round)
{
    try {
        toml::table document = toml::parse(text);
        std::ostringstream written;
        if (is_converted) {
            written << toml::json_formatter(document) << toml::yaml_formatter(document);
        } else {
            document.insert_or_assign("round", round);
            if (toml::table *dependencies = document["dependencies"].as_table())
                dependencies->erase("library1");
            written << document;
        }
        return walk(document) + written.str().size();
    } catch (const toml::parse_error &error) {
        return error.description().size() + error.source().begin.line;
    }
}

int main(int count, char **words)
{
    int rounds = count > 1 ? std::atoi(words[1]) : 1;
    bool is_converted = count > 2 && std::strcmp(words[2], "converted") == 0;
    unsigned long sum = 0;
    for (int round = 0; round < rounds; round++)
        for (int number = 0; number < 64; number++)
            sum +=
                work(is_converted ? make_table(number) : make_package(number), is_converted, round);
    std::printf("%lu\n", sum);
}
