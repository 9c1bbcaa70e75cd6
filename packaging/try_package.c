/* A second of work, to be recorded. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

__attribute__((noinline)) static unsigned collatz(uint64_t number)
{
    unsigned steps = 0;
    for (; number != 1; steps++)
        number = number % 2 ? 3 * number + 1 : number / 2;
    return steps;
}

int main(void)
{
    uint64_t sum = 0;
    for (uint64_t number = 1; clock() < 2 * CLOCKS_PER_SEC; number++)
        sum += collatz(number);
    printf("%d\n", sum > 0);
    return 0;
}
