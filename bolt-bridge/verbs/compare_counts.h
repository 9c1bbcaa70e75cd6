/*
 * compare --counts: two programs by what is counted of them instead of timed.
 */
#ifndef BOLT_BRIDGE_VERBS_COMPARE_COUNTS_H
#define BOLT_BRIDGE_VERBS_COMPARE_COUNTS_H

#include "bolt-bridge/counting/sides.h"
#include "bolt-bridge/process/measure.h"

enum compare_output { COMPARE_TEXT, COMPARE_JSON, COMPARE_MARKDOWN };

/*
 * Runs, counts and prints.  *good: both behave the same, and B executes at most
 * `limit` (a fraction) more instructions at any workload.  Errors: those of count_sides.
 */
bool compare_counts(const struct measure_request *request, enum count_source source,
                    enum compare_output output, double limit, bool *good, struct error *error);

#endif
