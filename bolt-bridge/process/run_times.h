/*
 * What the times of all runs say: intervals, verdicts and medians.  Pure computation, on
 * numbers that were measured by measure.c, or recorded for a test.
 */
#ifndef BOLT_BRIDGE_PROCESS_RUN_TIMES_H
#define BOLT_BRIDGE_PROCESS_RUN_TIMES_H

#include "bolt-bridge/process/measurement.h"

/* A column for each side, and one for A's second run. */
enum { MEASURE_AGAIN = MEASURE_SIDES, MEASURE_COLUMNS };

/* The side that a column is of. */
enum measure_side run_times_side(unsigned column);

/* Seconds of one workload's runs: [column][pair], all above 0.  Borrowed. */
struct run_times {
    double *cpu[MEASURE_COLUMNS], *wall[MEASURE_COLUMNS];
};

/*
 * Fills in the intervals and verdicts of `report` from its `pairs` and from one `times` for
 * each workload of the request.  `error_rate` is how often an interval may be wrong.
 * Returns whether the intervals that the verdict rests on are narrow enough.
 */
bool run_times_judge(const struct run_times *times, const struct measure_request *request,
                     double error_rate, struct measure_report *report);

/*
 * The ratio of B's CPU time to A's after `pairs` pairs, of all workloads, with a 95 %
 * interval where that many allow one: for people who wait, not for a verdict.
 */
void run_times_ratio(const struct run_times *times, const struct measure_request *request,
                     size_t pairs, struct paired_interval *interval);

/* Fills in the ratios of the first `count` pairs, as the intervals of all workloads have them. */
void run_times_pairs(const struct run_times *times, const struct measure_request *request,
                     size_t count, struct measure_pairs *pairs);

/* Fills in the medians, and what is added up over the workloads. */
void run_times_sum_up(const struct run_times *times, const struct measure_request *request,
                      struct measure_report *report);

/*
 * Whether B is as good as it has to be: it behaves the same and is faster, or, without
 * `require_faster`, not slower by more than the fraction `tolerate`.
 */
bool run_times_accept(const struct measure_report *report, bool require_faster, double tolerate);

/*
 * Whether a program mostly waits for something other than a CPU, after `elapsed` seconds of
 * which it was `idle`.
 */
bool run_times_mostly_idle(double elapsed, double idle);

#endif
