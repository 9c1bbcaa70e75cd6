/*
 * Traces by the callers they were taken under: counts that the recorder has added
 * up for each pair of the two, where hybrid_samples.h has each sample.  Part of
 * struct profile.
 */
#ifndef ANALYZER_MODEL_PROFILE_TRACES_BY_CALLER_H
#define ANALYZER_MODEL_PROFILE_TRACES_BY_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

/* `count` and `correction` are part of the trace's own, which counts it under all callers. */
struct trace_by_caller {
    uint32_t callers; /* those of the trace's run: index + 1 in the stacks; 0: it has none */
    uint32_t trace;   /* index in the traces */
    uint64_t count;
    int64_t correction; /* in 1/PGORAW_WEIGHT_ONE */
};

/* Begins as {0}. */
struct traces_by_caller {
    struct trace_by_caller *items;
    size_t count, capacity;
};

void traces_by_caller_free(struct traces_by_caller *traces);

/* Adds a copy. */
bool traces_by_caller_add(struct traces_by_caller *traces, const struct trace_by_caller *item,
                          struct error *error);

/*
 * Adds all of `from` to `into`, its counts times `weight`; its traces and stacks
 * have moved up by `first_trace` and `first_stack`.
 */
bool traces_by_caller_merge(struct traces_by_caller *into, const struct traces_by_caller *from,
                            uint64_t weight, size_t first_trace, size_t first_stack,
                            struct error *error);

/* Traces or stacks have new numbers, by their old index: an index, or an index + 1. */
void traces_by_caller_move_traces(struct traces_by_caller *traces, const uint32_t *numbers);
void traces_by_caller_move_stacks(struct traces_by_caller *traces, const uint32_t *numbers);

/* Sorts them by callers and trace and adds up equal ones; counts of zero go. */
void traces_by_caller_sum(struct traces_by_caller *traces);

#endif
