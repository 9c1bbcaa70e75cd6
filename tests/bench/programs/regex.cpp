// RE2 at work: compiling expressions and searching a made-up log for them.
//
//     regex ROUNDS           the log has words, dates, links and addresses
//     regex ROUNDS FILE      that file's text, again and again, in its place
//
// The same ROUNDS, of the same FILE, always print the same line.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <re2/re2.h>
#include <string>

static uint64_t state = 88172645463325252u;

static unsigned random_below(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<unsigned>((state >> 11) % limit);
}

static std::string log_text()
{
    static const char *const words[] = {"alpha",      "beta42", "user@example.org",
                                        "2024-01-02", "12345",  "http://x.org/p?q=1",
                                        "foo_bar",    "The",    "quick",
                                        "fox"};
    std::string text;
    for (int i = 0; i < 20000; i++) {
        text += words[random_below(10)];
        text += random_below(17) == 0 ? '\n' : ' ';
    }
    return text;
}

// Nothing where there is nothing to read.
static std::string file_text(const char *path, size_t size)
{
    std::ifstream file(path);
    const std::string once((std::istreambuf_iterator<char>(file)), {});
    std::string text;
    while (!once.empty() && text.size() < size)
        text += once;
    return text;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
    std::string text = log_text();
    if (argc > 2)
        text = file_text(argv[2], text.size());
    if (text.empty()) {
        std::fprintf(stderr, "regex: %s: nothing to read\n", argv[2]);
        return 2;
    }
    unsigned long sum = 0;
    for (int round = 0; round < rounds; round++) {
        RE2 date("(\\d{4})-(\\d\\d)-(\\d\\d)"), mail("(\\w+)@(\\w+)\\.org");
        RE2 link("https?://([^/ ]+)/(\\S*)"), phrase("(?i)the\\s+(quick|fox|[a-z]+_bar)");
        std::string a, b, c;
        re2::StringPiece rest(text);
        while (RE2::FindAndConsume(&rest, date, &a, &b, &c))
            sum++;
        for (rest = text; RE2::FindAndConsume(&rest, mail, &a, &b);)
            sum += a.size();
        for (rest = text; RE2::FindAndConsume(&rest, link, &a, &b);)
            sum += b.size();
        for (rest = text; RE2::FindAndConsume(&rest, phrase, &a);)
            sum++;
        std::string part = text.substr(0, 30000);
        sum += static_cast<unsigned>(RE2::GlobalReplace(&part, "([a-z]+)(\\d+)", "\\2\\1"));
        for (int i = 0; i < 60; i++) {
            RE2 made("x" + std::to_string(i) + "(a|b|cd)*[e-k]{2," + std::to_string(3 + i % 7) +
                     "}(foo|bar)?$");
            sum += static_cast<unsigned>(made.NumberOfCapturingGroups() + made.ProgramSize());
        }
    }
    std::printf("%lu\n", sum);
}
