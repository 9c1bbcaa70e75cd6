/* x87 arithmetic, its comparisons and its control word, for the comparator. */
#include <math.h>
#include <stdio.h>

int main(void)
{
    long double sum = 0;
    long rounded = 0;
    for (int i = 1; i < 20000000; i++) {
        sum += sqrtl((long double)i) / (i + 1.5L);
        if (sum > 100)
            sum -= 99.5L;
        rounded += lrintl(sum) + (long)(sum * 3);
    }
    printf("%.12Lf %ld\n", sum, rounded);
}
