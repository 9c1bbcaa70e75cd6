#include "mix.h"
/* Too large to be inlined unless it is known to be hot. */
unsigned mix(unsigned a, unsigned b, unsigned kind)
{
    switch (kind & 7) {
    case 0:
        return a * 31 + b;
    case 1:
        return (a ^ b) * 17 + (a >> 3) + rare(a, b);
    case 2:
        return a - b * 5 + (b << 2) + rare(b, a);
    case 3:
        return (a | b) * 3 + (a & b) * 7 + rare(a + 1, b);
    case 4:
        return a * b + (a >> 5) * 9 + rare(a, b + 1);
    case 5:
        return (a << 7) ^ (b >> 3) ^ ((a * 11) + rare(a + 2, b));
    case 6:
        return a / (b | 1) + b % (a | 1) + rare(a, b + 2);
    default:
        return (a + b) * (a ^ 0x55) + (b ^ 0xaa) * 3 + rare(a + 3, b + 3);
    }
}
unsigned work(unsigned rounds, unsigned kind)
{
    unsigned sum = 1;
    for (unsigned i = 0; i < rounds; i++) {
        sum = mix(sum, i, kind);
        if (sum % 1000 == 999)
            sum += mix(i, sum, kind + i);
        sum ^= mix(i, sum, kind);
    }
    return sum;
}
