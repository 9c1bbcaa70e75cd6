/*
 * What counts are worth in time, by a model: one number to compare layouts by where a clock
 * cannot tell them apart.
 *
 *     cycles = instructions + taken jumps + 10 (mispredicted branches + first-level misses)
 *              + 100 last-level misses
 *
 * But for the taken jumps this is KCachegrind's cycle estimation.  A taken jump costs a cycle,
 * since what follows it in the fetched bytes is thrown away, and processors of today follow
 * one taken jump a cycle.  The model says which of two layouts of the same program is better.
 * It does not say how long a program takes: there is one instruction a cycle in it.
 */
#ifndef BOLT_BRIDGE_COUNTING_MODEL_H
#define BOLT_BRIDGE_COUNTING_MODEL_H

#include "bolt-bridge/counting/count_tool.h"

uint64_t model_cycles(const struct counts *counts);

/* What one kind has in them. */
uint64_t model_cycles_of(const struct counts *counts, enum count_kind kind);

/*
 * The same without taken jumps.  Their price is what processors differ in most, of which some
 * follow two a cycle: where the model hardly tells two programs apart, it should not be what does.
 */
uint64_t model_cycles_without_jumps(const struct counts *counts);

#endif
