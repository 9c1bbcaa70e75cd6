/*
 * Functions inside of functions, which gcc's C has; walk.h walks through it, it is never run.
 */
#include <stdio.h>

__attribute__((noinline)) static int outer(int limit)
{
    __attribute__((noinline)) int inner(int x)
    {
        int sum = x & 1 ? x * limit : x / 3;
        for (int i = x; i > 0; i /= 2) {
            if (i & 4)
                sum += i * 7;
            else if (i & 8)
                sum -= i / 11;
            sum ^= i;
        }
        return sum;
    }
    int sum = 0;
    for (int i = 0; i < limit; i++) {
        __attribute__((noinline)) int in_block(int x)
        {
            int left = x & 2 ? x - sum : x / 5;
            while (left > limit) {
                left -= limit / 2 + 1;
                if (left & 16)
                    left /= 3;
            }
            return left;
        }
        sum += inner(i) + in_block(i);
    }
    return sum;
}

int main(int argc, char **argv)
{
    (void)argv;
    int sum = 0;
    for (int i = 0; i < argc * 10; i++) {
        sum += outer(i);
        if (sum & 32)
            printf("%d\n", sum);
    }
    return 0;
}
