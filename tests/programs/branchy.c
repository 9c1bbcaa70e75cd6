/*
 * branchy ROUNDS: parses and sums random text, mostly on a hot path that the
 * source writes last.  Prints a checksum; the same ROUNDS print the same.
 */
#include <stdio.h>
#include <stdlib.h>

static unsigned state = 12345;

static unsigned next(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 16;
}

__attribute__((noinline)) static unsigned classify(unsigned letter, unsigned sum)
{
    if (letter == 0)
        return sum / 3 + 7;
    if (letter < 4)
        return sum * 5 + letter;
    if (letter % 97 == 5)
        return sum ^ 0x55aa;
    return (sum << 1) + letter % 13;
}

__attribute__((noinline)) static unsigned work(unsigned rounds)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < rounds; i++) {
        unsigned letter = next() & 0xff;
        switch (letter & 7) {
        case 0:
            sum = classify(letter >> 3, sum);
            break;
        case 1:
            sum -= letter;
            break;
        default:
            sum = classify(letter, sum + 1);
        }
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
