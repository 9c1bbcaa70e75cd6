/* Exceptions: control comes to landing pads and catch clauses from the unwinder, behind calls that
 * did not return. */
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

static unsigned state = 1, cleaned;

struct counted {
    ~counted()
    {
        cleaned += 3;
        if (cleaned & 8)
            cleaned ^= 5;
    }
};

__attribute__((noinline)) static unsigned leaf(unsigned x)
{
    if ((x & 63) == 7)
        throw x;
    if ((x & 127) == 9)
        throw std::runtime_error("odd");
    return x % 7;
}

__attribute__((noinline)) static unsigned middle(unsigned x)
{
    counted outer;
    unsigned sum = leaf(x);
    counted inner;
    return sum + leaf(x >> 3);
}

__attribute__((noinline)) static unsigned top(unsigned x)
{
    try {
        unsigned sum = middle(x);
        return sum + middle(x >> 1);
    } catch (unsigned value) {
        return (value & 3) == 2 ? leaf(1) : value & 3;
    } catch (const std::exception &exception) {
        return (unsigned char)exception.what()[0];
    }
}

int main(int count, char **arguments)
{
    unsigned sum = 0;
    for (unsigned i = strtoul(arguments[count - 1], nullptr, 10); i > 0; i--) {
        state = state * 1103515245u + 12345u;
        sum += top(state >> 8);
    }
    printf("%u\n", sum + cleaned);
}
