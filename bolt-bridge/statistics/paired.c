#include "bolt-bridge/statistics/paired.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), compare_doubles);
    if (count % 2)
        return values[count / 2];
    return (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Probability of at most `successes` heads in `tosses` of a fair coin. */
static double binomial_cumulative(size_t successes, size_t tosses)
{
    double sum = 0, n = (double)tosses;

    for (size_t k = 0; k <= successes; k++) {
        double chosen = lgamma(n + 1) - lgamma((double)k + 1) - lgamma(n - (double)k + 1);
        sum += exp(chosen - n * log(2.0));
    }
    return sum;
}

bool paired_median_ratio(const double *before, const double *after, size_t pairs,
                         struct paired_interval *interval)
{
    double ratios[PAIRED_MAXIMUM];
    size_t outside = 0; /* how many of the sorted ratios to leave out at each end */

    if (pairs < PAIRED_MINIMUM || pairs > PAIRED_MAXIMUM)
        return false;
    for (size_t i = 0; i < pairs; i++) {
        if (!(before[i] > 0) || !(after[i] > 0) || !isfinite(before[i]) || !isfinite(after[i]))
            return false;
        ratios[i] = after[i] / before[i];
    }
    interval->ratio = median(ratios, pairs);
    /*
     * The true median lies below the (k+1)-th smallest ratio where at most k
     * of them fell below it: a binomial tail, and the same above.
     */
    while (1 - 2 * binomial_cumulative(outside + 1, pairs) >= PAIRED_CONFIDENCE)
        outside++;
    interval->low = ratios[outside];
    interval->high = ratios[pairs - 1 - outside];
    interval->confidence = 1 - 2 * binomial_cumulative(outside, pairs);
    interval->pairs = pairs;
    return true;
}

enum paired_verdict paired_judge(const struct paired_interval *interval,
                                 const struct paired_interval *noise)
{
    double low = 1, high = 1;

    if (noise && (noise->low > 1 || noise->high < 1)) {
        /* Which of the two came out ahead is chance, so it counts both ways. */
        double extent = noise->ratio > 1 ? noise->ratio : 1 / noise->ratio;
        low = 1 / extent;
        high = extent;
    }
    if (interval->high < low)
        return PAIRED_FASTER;
    if (interval->low > high)
        return PAIRED_SLOWER;
    return PAIRED_NO_DIFFERENCE;
}

const char *paired_verdict_text(enum paired_verdict verdict)
{
    switch (verdict) {
    case PAIRED_FASTER:
        return "faster";
    case PAIRED_SLOWER:
        return "slower";
    case PAIRED_NO_DIFFERENCE:
        break;
    }
    return "no difference";
}
