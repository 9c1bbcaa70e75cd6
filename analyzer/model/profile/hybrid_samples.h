/*
 * Samples that have a call stack and a branch stack, one by one: together they
 * tell under which callers each branch was taken, which their sums do not.
 * Part of struct profile, where that was asked to keep them.
 */
#ifndef ANALYZER_MODEL_PROFILE_HYBRID_SAMPLES_H
#define ANALYZER_MODEL_PROFILE_HYBRID_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct hybrid_sample {
    uint32_t stack;      /* the sampled place, with its callers: index + 1 in the stacks */
    size_t first_branch; /* in branches */
    size_t branch_count; /* at least one */
    uint64_t count;
};

/* Begins as {0}. */
struct hybrid_samples {
    struct hybrid_sample *items;
    size_t count, capacity;
    uint32_t *branches; /* indices of traces, the newest of each sample first */
    size_t branch_count, branch_capacity;
};

void hybrid_samples_free(struct hybrid_samples *samples);

/* Adds a branch to the sample that ends next. */
bool hybrid_samples_branch(struct hybrid_samples *samples, uint32_t trace, struct error *error);

/* Ends a sample: the branches since the last one's end, with this stack (0: none, they go). */
bool hybrid_samples_end(struct hybrid_samples *samples, uint32_t stack, uint64_t count,
                        struct error *error);

/*
 * Adds all of `from` to `into`, its counts times `weight`; its traces and stacks
 * have moved up by `first_trace` and `first_stack`.
 */
bool hybrid_samples_merge(struct hybrid_samples *into, const struct hybrid_samples *from,
                          uint64_t weight, size_t first_trace, size_t first_stack,
                          struct error *error);

/* Traces or stacks have new numbers, by their old index: an index, or an index + 1. */
void hybrid_samples_move_traces(struct hybrid_samples *samples, const uint32_t *numbers);
void hybrid_samples_move_stacks(struct hybrid_samples *samples, const uint32_t *numbers);

#endif
