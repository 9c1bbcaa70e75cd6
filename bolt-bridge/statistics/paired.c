#include "bolt-bridge/statistics/paired.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Up to this many pairs the rank sum's distribution is computed; beyond, it is taken as normal. */
#define EXACT_PAIRS 60
#define EXACT_SUMS (EXACT_PAIRS * (EXACT_PAIRS + 1) / 2 + 1)

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

/*
 * probabilities[s]: that the signed-rank sum of `pairs` pairs is s, where there is
 * no difference: every rank counts or not, by the toss of a coin.
 */
static void rank_sum_probabilities(size_t pairs, double probabilities[EXACT_SUMS])
{
    size_t largest = 0;

    memset(probabilities, 0, EXACT_SUMS * sizeof(*probabilities));
    probabilities[0] = 1;
    for (size_t rank = 1; rank <= pairs; rank++) {
        largest += rank;
        for (size_t sum = largest + 1; sum-- > 0;)
            probabilities[sum] =
                (probabilities[sum] + (sum >= rank ? probabilities[sum - rank] : 0)) / 2;
    }
}

/*
 * How many of the sorted means to leave out at each end: the largest k for which
 * sums of at most k occur in no more than `tail` of all cases.  False where even
 * the sum 0 occurs more often.
 */
static bool means_outside(size_t pairs, double tail, size_t *outside, double *confidence)
{
    static double probabilities[EXACT_SUMS];
    double below = 0, count = (double)pairs;

    if (pairs > EXACT_PAIRS) {
        double mean = count * (count + 1) / 4;
        double deviation = sqrt(count * (count + 1) * (2 * count + 1) / 24);
        size_t sum = 0;
        double reached = 0, next;
        /* With the correction for continuity. */
        while ((next = erfc((mean - (double)sum - 0.5) / deviation / M_SQRT2) / 2) <= tail) {
            reached = next;
            sum++;
        }
        if (sum == 0)
            return false;
        *outside = sum - 1;
        *confidence = 1 - 2 * reached;
        return true;
    }
    rank_sum_probabilities(pairs, probabilities);
    if (probabilities[0] > tail)
        return false;
    for (*outside = 0; below + probabilities[*outside] <= tail; (*outside)++)
        below += probabilities[*outside];
    (*outside)--;
    *confidence = 1 - 2 * below;
    return true;
}

/* The means of all two of the values, sorted; the caller frees them. */
static double *sorted_means(const double *values, size_t count, size_t *mean_count)
{
    size_t used = 0;

    *mean_count = count * (count + 1) / 2;
    double *means = malloc(*mean_count * sizeof(*means));
    if (!means)
        return NULL;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++)
            means[used++] = (values[i] + values[j]) / 2;
    qsort(means, used, sizeof(*means), compare_doubles);
    return means;
}

bool paired_ratio_of_logarithms(const double *logarithms, size_t pairs, double error_rate,
                                struct paired_interval *interval)
{
    size_t outside, mean_count;

    if (pairs == 0 || pairs > PAIRED_MAXIMUM)
        return false;
    double *means = sorted_means(logarithms, pairs, &mean_count);
    if (!means)
        return false;
    size_t middle = mean_count / 2;
    interval->ratio = exp(mean_count % 2 ? means[middle] : (means[middle - 1] + means[middle]) / 2);
    interval->pairs = pairs;
    bool enough = means_outside(pairs, error_rate / 2, &outside, &interval->confidence) &&
                  outside < mean_count - outside; /* the ends do not pass each other */
    if (enough) {
        interval->low = exp(means[outside]);
        interval->high = exp(means[mean_count - 1 - outside]);
    }
    free(means);
    return enough;
}

bool paired_ratio(const double *before, const double *after, size_t pairs, double error_rate,
                  struct paired_interval *interval)
{
    double logarithms[PAIRED_MAXIMUM];

    if (pairs > PAIRED_MAXIMUM)
        return false;
    for (size_t i = 0; i < pairs; i++) {
        if (!(before[i] > 0) || !(after[i] > 0) || !isfinite(before[i]) || !isfinite(after[i]))
            return false;
        logarithms[i] = log(after[i] / before[i]);
    }
    return paired_ratio_of_logarithms(logarithms, pairs, error_rate, interval);
}

static double extent(double ratio)
{
    return ratio > 1 ? ratio : 1 / ratio;
}

static bool leaves_out_one(const struct paired_interval *interval)
{
    return interval->low > 1 || interval->high < 1;
}

enum paired_verdict paired_judge(const struct paired_interval *interval,
                                 const struct paired_interval *noise)
{
    /* Which of A and A came out ahead is chance, so what was seen counts both ways. */
    double edge = noise && leaves_out_one(noise) ? extent(noise->ratio) : 1;
    double least = noise ? fmax(extent(noise->low), extent(noise->high)) : 1;

    if (extent(interval->ratio) < least)
        return PAIRED_NO_DIFFERENCE;
    if (interval->high < 1 / edge)
        return PAIRED_FASTER;
    if (interval->low > edge)
        return PAIRED_SLOWER;
    return PAIRED_NO_DIFFERENCE;
}

bool paired_is_below_noise(const struct paired_interval *interval,
                           const struct paired_interval *noise)
{
    return leaves_out_one(interval) && paired_judge(interval, noise) == PAIRED_NO_DIFFERENCE;
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
