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
struct context_trace {
    uint32_t callers; /* those of the trace's run: index + 1 in the stacks; 0: it has none */
    uint32_t trace;   /* index in the traces */
    uint64_t count;
    int64_t correction; /* in 1/PGORAW_WEIGHT_ONE */
};

/* Begins as {0}. */
struct context_traces {
    struct context_trace *items;
    size_t count, capacity;
};

void context_traces_free(struct context_traces *traces);

/* Adds a copy. */
bool context_traces_add(struct context_traces *traces, const struct context_trace *item,
                        struct error *error);

/*
 * Adds all of `from` to `into`, its counts times `weight`; its traces and stacks
 * have moved up by so many.
 */
bool context_traces_merge(struct context_traces *into, const struct context_traces *from,
                          uint64_t weight, size_t first_trace, size_t first_stack,
                          struct error *error);

/* Traces or stacks have new numbers, by their old index: an index, or an index + 1. */
void context_traces_move_traces(struct context_traces *traces, const uint32_t *numbers);
void context_traces_move_stacks(struct context_traces *traces, const uint32_t *numbers);

/* Sorts them by callers and trace and adds up equal ones; counts of zero go. */
void context_traces_sum(struct context_traces *traces);

#endif
