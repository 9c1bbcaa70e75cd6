/*
 * How many pairs are enough: the number is fixed, or chosen by how far the pairs
 * spread, without losing what the interval promises.
 *
 * A measurement that is looked at again and again, and stopped at a result that is
 * liked, is wrong more often than once in twenty times.  So there are few looks, at 12,
 * 24, 48, ... pairs, and the k-th may be wrong with probability 0.05 / 2^k only.  All looks
 * together are then wrong in less than 5 % of all cases (Bonferroni's inequality,
 * with alpha spent as in group sequential trials), whatever the reason to stop at
 * one of them: a narrow interval, the time, or an impatient user.
 *
 * Pure computation.
 */
#ifndef BOLT_BRIDGE_STATISTICS_STOPPING_H
#define BOLT_BRIDGE_STATISTICS_STOPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "bolt-bridge/statistics/paired.h"

/* At a first look the interval may be wrong in 2.5 % of all cases, which takes seven pairs. */
#define STOPPING_MINIMUM 7

struct stopping_rule {
    size_t pairs;     /* the exact number; 0: as many as it takes */
    double precision; /* half the width of the interval that is enough: 0.01 is 1 % */
    double seconds;   /* no round begins after that time, once there are enough; 0: no limit */
    size_t least;     /* pairs that are enough then; 0: STOPPING_MINIMUM */
};

enum stopping_reason {
    STOPPING_NOT_YET,
    STOPPING_FIXED,  /* the number that was asked for */
    STOPPING_NARROW, /* the interval is narrow enough */
    STOPPING_TIME,
    STOPPING_MOST, /* PAIRED_MAXIMUM */
};

/* How far the looks have come.  Begins as {0}. */
struct stopping {
    size_t looks; /* that were made */
};

/*
 * Whether to look at the intervals now, with `pairs` pairs after `seconds`.  If so, they
 * are made with *error_rate, and the caller tells stopping_decide the result.
 */
bool stopping_look(const struct stopping *stopping, const struct stopping_rule *rule, size_t pairs,
                   double seconds, double *error_rate);

/*
 * After a look: whether to stop.  `narrow` says that all intervals that matter are
 * narrow enough, as stopping_is_narrow finds.
 */
enum stopping_reason stopping_decide(struct stopping *stopping, const struct stopping_rule *rule,
                                     size_t pairs, double seconds, bool narrow);

/*
 * Half its width, and that of the noise's (of A against itself; NULL: not measured), is
 * at most the precision, or a quarter of the difference that it shows: who finds a
 * program twice as fast need not know whether by 50.0 or 50.1 %.
 */
bool stopping_is_narrow(const struct stopping_rule *rule, const struct paired_interval *interval,
                        const struct paired_interval *noise);

const char *stopping_text(enum stopping_reason reason);

#endif
