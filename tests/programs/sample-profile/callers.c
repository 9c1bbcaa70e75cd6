/* One function that does other things for each of its callers, and one that calls itself. */
#include <stdio.h>
#include <stdlib.h>

#ifdef MAY_INLINE
#define APART
#else
#define APART __attribute__((noinline))
#endif

volatile unsigned few_rounds = 3, many_rounds = 100;

APART unsigned work(unsigned x, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        x = x * 1664525 + 1013904223;
        if (x & 0x100)
            x ^= x >> 7;
    }
    return x;
}

APART unsigned few(unsigned x)
{
    return work(x, few_rounds) + 1;
}

APART unsigned many(unsigned x)
{
    return work(x, many_rounds) ^ 1;
}

__attribute__((noinline)) unsigned deeper(unsigned x, unsigned depth)
{
    return depth ? deeper(x + depth, depth - 1) * 3 : few(x);
}

int main(int argc, char **argv)
{
    unsigned x = 1, rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    for (unsigned i = 0; i < rounds; i++) {
        for (unsigned k = 0; k < 10; k++)
            x += few(x);
        x += many(x);
        if (i % 8 == 0)
            x += deeper(x, 5);
    }
    printf("%u\n", x);
    return 0;
}
