/*
 * Control that leaves functions by other ways than their ends: exceptions through frames with
 * destructors, longjmp, and cold parts that jump back to behind a call.  Its argument is how
 * often.
 */
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <string>

static unsigned state = 1;
static std::jmp_buf back;

struct Counter {
    int &value;
    explicit Counter(int &counted) : value(counted) {}
    ~Counter() { state ^= static_cast<unsigned>(++value) & 1; }
};

__attribute__((noinline)) static int throwing(unsigned x)
{
    if ((x & 63) == 0)
        throw static_cast<int>(x % 5);
    if ((x & 127) == 1)
        throw std::string("text");
    return static_cast<int>(x % 3);
}

__attribute__((noinline)) static int passing(unsigned x, int &count)
{
    Counter counter(count);
    int first = throwing(x);
    return first + (x & 3 ? 1 : throwing(x + 1));
}

__attribute__((noinline)) static int catching(unsigned x)
{
    int sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        try {
            sum += passing(x + i, sum);
        } catch (int number) {
            sum += number;
        } catch (const std::string &text) {
            sum += static_cast<int>(text.size());
        }
    }
    return sum;
}

__attribute__((noinline)) static void jumping(unsigned x)
{
    if ((x & 15) == 3)
        std::longjmp(back, 1 + static_cast<int>(x & 1));
    state += x % 3;
}

__attribute__((noinline)) static int returned_to(unsigned x)
{
    volatile int jumps = 0;
    while (setjmp(back) && jumps < 3) {
        jumps = jumps + 1;
        jumping(x);
    }
    if (jumps == 0)
        jumping(x);
    return jumps;
}

__attribute__((noinline, cold)) static int rare(unsigned x)
{
    return static_cast<int>(x % 7);
}

__attribute__((noinline)) static int common(unsigned x)
{
    return x & 2 ? static_cast<int>(x % 5) : 3;
}

__attribute__((noinline)) static int either(unsigned x)
{
    int part = __builtin_expect(x & 1, 0) ? rare(x >> 1) : common(x >> 1);
    state ^= static_cast<unsigned>(part);
    return part * 3;
}

int main(int, char **arguments)
{
    unsigned long rounds = std::strtoul(arguments[1], nullptr, 10);
    int sum = 0;
    for (unsigned long i = 0; i < rounds; i++) {
        state = state * 1103515245u + 12345u;
        sum += catching(state >> 8) + returned_to(state >> 9) + either(state >> 8);
    }
    std::printf("%d\n", sum);
    return 0;
}
