/*
 * The sides of the final comparison: the plain program, the rebuilt one, the relinked one.
 */
#ifndef BOLT_BRIDGE_CYCLE_SIDES_H
#define BOLT_BRIDGE_CYCLE_SIDES_H

#include "bolt-bridge/cycle/cycle.h"

/* How many there are.  The candidate is the last of them. */
size_t cycle_side_count(const struct cycle *cycle);

/* Fills in the request of the comparison, without arguments; it points to `workloads`. */
void cycle_describe_comparison(const struct cycle *cycle, struct measure_request *request,
                               struct measure_workload workloads[MEASURE_WORKLOADS]);

#endif
