/*
 * branchy ROUNDS: sums random letters.  The source tells the compiler of every
 * branch that it goes the way it hardly ever goes, so that a layout by profile
 * has something to mend.  Prints a checksum; the same ROUNDS print the same.
 */
#include <stdio.h>
#include <stdlib.h>

#define WRONGLY(condition) __builtin_expect(!!(condition), 1)

static unsigned state = 12345;

static unsigned next(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 16;
}

__attribute__((noinline)) static unsigned classify(unsigned letter, unsigned sum)
{
    if (WRONGLY(letter == 0))
        sum = sum / 3 + 7;
    if (WRONGLY(letter == 77))
        sum ^= sum >> 3;
    if (WRONGLY(letter % 128 == 5))
        sum ^= 0x55aa;
    if (WRONGLY(letter == 200))
        sum -= letter * 31;
    return (sum << 1) + letter % 13;
}

__attribute__((noinline)) static unsigned work(unsigned rounds)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < rounds; i++) {
        unsigned letter = next() & 0xff;
        if (WRONGLY(letter < 3))
            sum += letter;
        if (WRONGLY(letter == 99))
            sum *= 5;
        sum = classify(letter, sum);
    }
    return sum;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned sum = 0;
    for (unsigned i = 0; i < 1000; i++)
        sum ^= work(rounds);
    printf("%08x\n", sum);
    return 0;
}
