/* Helpers that are inlined twice, a loop with a switch, calls through pointers. */
#include <stdio.h>
#include <stdlib.h>

typedef unsigned (*step)(unsigned);

static inline unsigned mix(unsigned x)
{
    x ^= x >> 13;
    if (x & 64)
        x *= 0x5bd1e995u;
    else
        x += 0x9e3779b9u;
    return x ^ (x >> 15);
}

static inline unsigned twice(unsigned x)
{
    return mix(x) + mix(x + 1);
}

__attribute__((noinline)) static unsigned pick(unsigned x)
{
    switch (x & 7) {
    case 0:
        return twice(x);
    case 1:
        return mix(x);
    case 2:
        return x * 3;
    case 3:
        return x / 7;
    case 4:
        return mix(x) ^ x;
    case 5:
        return x + 11;
    default:
        return x - 1;
    }
}

__attribute__((noinline)) static unsigned odd(unsigned x)
{
    return mix(x) | 1;
}
__attribute__((noinline)) static unsigned even(unsigned x)
{
    return mix(x) & ~1u;
}

static int by_value(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    return a < b ? -1 : a > b;
}

__attribute__((noinline)) static unsigned sum(const unsigned *items, int count)
{
    unsigned total = 0;
    for (int i = 0; i < count; i++)
        total += items[i] > 100 ? items[i] : 2 * items[i];
    return total;
}

int main(int argc, char **argv)
{
    static unsigned items[512];
    step steps[] = {odd, even};
    unsigned total = 0, rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < 512; i++)
            items[i] = pick(steps[(round ^ i) % 3 == 0](i * round));
        qsort(items, 512, sizeof(*items), by_value);
        total += sum(items, 512);
    }
    printf("%u\n", total);
    return 0;
}
