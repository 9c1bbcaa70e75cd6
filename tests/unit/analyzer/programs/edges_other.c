/* The second file of edges.c, with a `helper` of its own. */
#include <stdlib.h>

int other_work(int x);

static int counter;

__attribute__((noinline)) static int helper(int x)
{
    return x * 2 + counter++;
}

__attribute__((cold, noinline)) static void give_up(void)
{
    abort();
}

int other_work(int x)
{
    int sum = 0;
    for (int i = 0; i < x; i++) {
        if (__builtin_expect(helper(i) < 0, 0))
            give_up();
        sum += helper(i) & 1 ? i : -i;
    }
    return sum;
}
