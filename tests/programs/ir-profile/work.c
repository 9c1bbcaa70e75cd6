/* work ROUNDS: a bit of all that counters count: loops, a switch, calls inlined and not,
 * calls by address, selects, code that never runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

static int add(int a, int b)
{
    return a + b;
}

static int subtract(int a, int b)
{
    return a - b;
}

static inline int weigh(int x)
{
    if (x % 7 == 0)
        return x * 3;
    if (x % 5 == 1)
        return x / 3;
    return x;
}

__attribute__((noinline)) static int apply(operation *operate, int a, int b, char *text, int size)
{
    memset(text, a, (size_t)size);
    return operate(a, b) + text[0];
}

static void sort(int *numbers, int count)
{
    for (int i = 1; i < count; i++) {
        int number = numbers[i];
        int k = i;
        for (; k > 0 && numbers[k - 1] > number; k--)
            numbers[k] = numbers[k - 1];
        numbers[k] = number;
    }
}

__attribute__((noinline)) static void never(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : 1000;
    long sum = 0;
    char text[64];
    for (long i = 0; i < rounds; i++) {
        int numbers[16];
        for (int k = 0; k < 16; k++)
            numbers[k] = (int)((i * 37 + k * k * 13) % 101);
        sort(numbers, 16);
        sum += apply(i % 4 ? add : subtract, (int)i, numbers[3], text, (int)(i & 31));
        sum += weigh((int)i);
        switch (i % 9) {
        case 0:
            sum ^= elsewhere(add, numbers, 16);
            break;
        case 3:
            sum += weigh((int)sum);
            break;
        case 5:
            if (sum == -12345)
                never("unlikely");
            break;
        default:
            sum *= 3;
        }
        sum %= 1000003;
    }
    printf("%ld\n", sum);
    return 0;
}
