/*
 * Two programs on the same workloads, counted instead of timed, and what they print compared.
 */
#ifndef BOLT_BRIDGE_COUNTING_SIDES_H
#define BOLT_BRIDGE_COUNTING_SIDES_H

#include "bolt-bridge/counting/counts.h"
#include "bolt-bridge/counting/verdict.h"
#include "bolt-bridge/process/measurement.h"

/* One workload: A, and the side that is compared with it. */
struct count_pair {
    struct counts before, after;
    const char *difference; /* in how they behave; NULL: none */
};

/* All workloads of a request. */
struct count_comparison {
    enum count_source source;
    struct count_pair pairs[MEASURE_WORKLOADS];
    size_t count;
    bool same; /* they behave the same at all workloads */
    struct count_judgement judgement;
};

/*
 * Counts A and `side` of the request, once each; a source of COUNTS_BY_WHAT_THERE_IS becomes
 * one.  What differs in behaviour is a result.  Errors: those of counts_choose and
 * counts_run, ERROR_WORKLOAD_FAILED where A crashes or takes longer than the timeout,
 * ERROR_USAGE for servers, whose work is not the same twice.
 */
bool count_sides(const struct measure_request *request, enum measure_side side,
                 enum count_source source, struct count_comparison *comparison,
                 struct error *error);

/* Of counts that are known, by the weights of the workloads. */
void count_compare(const struct measure_request *request, struct count_comparison *comparison);

#endif
