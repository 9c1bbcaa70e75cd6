/*
 * What paired measurements say: whether B is faster than A, and by how much.
 *
 * All arithmetic is on the logarithms of the ratios B/A of the pairs.  The
 * estimate is Hodges and Lehmann's: the median of the means of all two of them
 * (each with itself included).  The interval is Wilcoxon's signed-rank test turned
 * round: it has two of the sorted means as its ends.  Both measurements of a pair
 * are made under the same conditions in changing order, so that their logarithms
 * differ symmetrically about the true one, which is all the test assumes.
 * docs/comparing.md says why this one.  Pure computation; anybody may call it.
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
    double ratio; /* of after to before */
    double low, high;
    double confidence; /* that the interval really has: at least what was asked for */
    size_t pairs;
};

/*
 * `before` and `after` hold `pairs` positive measurements each; the i-th of both
 * belong together.  `error_rate` is how often the interval may leave out the truth
 * (0.05 for 95 %).  Returns false, with only `ratio` and `pairs` set, where there
 * are too few pairs for that, and with nothing set where there are none, more than
 * PAIRED_MAXIMUM, or a measurement is not a positive number.
 */
bool paired_ratio(const double *before, const double *after, size_t pairs, double error_rate,
                  struct paired_interval *interval);

/* The same from the logarithms of the ratios, which are finite. */
bool paired_ratio_of_logarithms(const double *logarithms, size_t pairs, double error_rate,
                                struct paired_interval *interval);

enum paired_verdict {
    PAIRED_NO_DIFFERENCE,
    PAIRED_FASTER, /* the ratio is below 1 */
    PAIRED_SLOWER,
};

/*
 * What the interval says.  `noise` is that of the program against itself, or
 * NULL.  A difference has to be larger than any that the noise's interval holds,
 * and where even that leaves out 1, the whole interval has to lie beyond what was
 * seen there: the machine then favours a place in the sequence.
 */
enum paired_verdict paired_judge(const struct paired_interval *interval,
                                 const struct paired_interval *noise);

/* Whether it leaves out 1, but paired_judge finds the difference within the noise. */
bool paired_is_below_noise(const struct paired_interval *interval,
                           const struct paired_interval *noise);

const char *paired_verdict_text(enum paired_verdict verdict);

/* The median of `count` numbers; 0 where there are none.  Sorts `values`. */
double median(double *values, size_t count);

#endif
