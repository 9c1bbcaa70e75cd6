#include "work.h"

/* Of the name of one in the other file. */
static int weigh(int x)
{
    return x > 50 ? x - 50 : x;
}

int elsewhere(operation *operate, const int *numbers, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        if (numbers[i] & 1)
            continue;
        sum = operate(sum, weigh(numbers[i]));
        /* Compilers make one call of these, which has no line then. */
        if (numbers[i] % 3 == 0)
            sum = operate(sum, numbers[i] / 2);
        else
            sum = operate(sum, count);
    }
    return sum;
}
