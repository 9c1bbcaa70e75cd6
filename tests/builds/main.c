#include "mix.h"
#include <stdio.h>
#include <stdlib.h>
unsigned rare(unsigned a, unsigned b)
{
    unsigned sum = 0;
    while (a) {
        sum += a & b;
        a >>= 1;
    }
    return sum;
}
int main(int count, char **words)
{
    unsigned rounds = count > 1 ? (unsigned)strtoul(words[1], 0, 10) : 1000;
    unsigned kind = count > 2 ? (unsigned)strtoul(words[2], 0, 10) : 0;
    printf("%u\n", work(rounds, kind));
    return 0;
}
