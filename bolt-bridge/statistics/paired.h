/*
 * What paired measurements say: whether B is faster than A, and by how much.
 *
 * The estimate is the median of the ratios B/A of the pairs; the interval is
 * made of two of the sorted ratios, chosen so that the median of all pairs one
 * could have measured lies between them with at least 95 % probability.  That
 * is the sign test turned round: it assumes nothing of how the times are
 * distributed, and one wild run moves neither the estimate nor the interval.
 * docs/measuring.md says more.  Pure computation; anybody may call it.
 */
#ifndef BOLT_BRIDGE_STATISTICS_PAIRED_H
#define BOLT_BRIDGE_STATISTICS_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

/* Fewer pairs than this cannot make a 95 % interval. */
#define PAIRED_MINIMUM 6
#define PAIRED_MAXIMUM 1000
#define PAIRED_CONFIDENCE 0.95

struct paired_interval {
    double ratio; /* median of after/before */
    double low, high;
    double confidence; /* that the interval really has: at least PAIRED_CONFIDENCE */
    size_t pairs;
};

/*
 * `before` and `after` hold `pairs` positive measurements each; the i-th of both
 * belong together.  Returns false where there are fewer than PAIRED_MINIMUM or
 * more than PAIRED_MAXIMUM pairs, or a measurement is not a positive number.
 */
bool paired_median_ratio(const double *before, const double *after, size_t pairs,
                         struct paired_interval *interval);

enum paired_verdict {
    PAIRED_NO_DIFFERENCE,
    PAIRED_FASTER, /* the ratio is below 1 */
    PAIRED_SLOWER,
};

/*
 * What the interval says.  `noise` is that of the program against itself, or
 * NULL: where it leaves out 1, the machine favours a place in the sequence, and
 * a difference has to lie beyond what was seen there as well.
 */
enum paired_verdict paired_judge(const struct paired_interval *interval,
                                 const struct paired_interval *noise);

const char *paired_verdict_text(enum paired_verdict verdict);

/* The median of `count` numbers; 0 where there are none.  Sorts `values`. */
double median(double *values, size_t count);

#endif
