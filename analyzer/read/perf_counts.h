/*
 * Adds to a profile what single samples say, one entry a key: a recording has
 * many times more branches and frames than distinct ones.
 */
#ifndef ANALYZER_READ_PERF_COUNTS_H
#define ANALYZER_READ_PERF_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"

/* A hash table over entries of the profile: index + 1, 0 = free. */
struct perf_table {
    uint32_t *slots;
    size_t size;
    size_t count;
};

/* Begins as {.profile = …}; perf_counts_free frees the tables, not the profile. */
struct perf_counts {
    struct profile *profile;
    struct perf_table traces;
    struct perf_table stacks;
};

void perf_counts_free(struct perf_counts *counts);

/* Adds one to the trace; its own count is not looked at.  *number becomes its index. */
bool perf_count_trace(struct perf_counts *counts, const struct trace *trace, uint32_t *number,
                      struct error *error);

/* The node of that place under the caller `parent` (0: none), as index + 1; made if need be. */
bool perf_find_stack(struct perf_counts *counts, uint32_t parent, struct location location,
                     uint32_t *node, struct error *error);

#endif
