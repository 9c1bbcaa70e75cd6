#include "analyzer/model/profile/profile_merge.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/profile/normalise.h"
#include "include/pgoshim/raw.h"

/* Merging compacts when it holds this many more entries than twice the distinct ones. */
#define COMPACT_SLACK 65536

static struct location renumber(struct location location, const uint32_t *numbers)
{
    if (location.module < PROFILE_MODULE_NONE)
        location.module = numbers[location.module];
    return location;
}

static bool merge_entries(struct profile *into, const struct profile *from, uint64_t weight,
                          const uint32_t *numbers, struct error *error)
{
    uint32_t first_stack = (uint32_t)into->stack_count;
    if (into->keeps_hybrid_samples &&
        !hybrid_samples_merge(&into->hybrid_samples, &from->hybrid_samples, weight,
                              into->trace_count, first_stack, error))
        return false;
    if (!traces_by_caller_merge(&into->traces_by_caller, &from->traces_by_caller, weight,
                                into->trace_count, first_stack, error))
        return false;
    for (size_t i = 0; i < from->trace_count; i++) {
        struct trace trace = from->traces[i];
        trace.from = renumber(trace.from, numbers);
        trace.to = renumber(trace.to, numbers);
        trace.count = count_multiply(trace.count, weight);
        trace.correction = count_multiply_signed(trace.correction, weight);
        if (!profile_add_trace(into, &trace, error))
            return false;
    }
    for (size_t i = 0; i < from->stack_count; i++) {
        struct stack_node node = from->stacks[i];
        node.location = renumber(node.location, numbers);
        node.parent = node.parent ? node.parent + first_stack : 0;
        node.count = count_multiply(node.count, weight);
        if (!profile_add_stack(into, &node, error))
            return false;
    }
    for (size_t i = 0; i < from->recording_count; i++) {
        uint64_t counters[PGORAW_MAX_COUNTERS];
        struct recording recording = from->recordings[i];
        for (size_t k = 0; k < PGORAW_MAX_COUNTERS; k++)
            counters[k] = count_multiply(recording.counters[k], weight);
        recording.counters = counters;
        if (!profile_add_recording(into, &recording, error))
            return false;
    }
    return true;
}

bool profile_merge(struct profile *into, const struct profile *from, uint64_t weight,
                   struct error *error)
{
    uint32_t *numbers = calloc(from->module_count + 1, sizeof(*numbers));
    bool merged = numbers != NULL;
    if (!numbers)
        memory_exhausted(error);
    for (size_t i = 0; merged && i < from->module_count; i++)
        merged = profile_add_module(into, &from->modules[i], &numbers[i], error);
    merged = merged && merge_entries(into, from, weight, numbers, error);
    free(numbers);
    if (merged && into->trace_count + into->stack_count + into->traces_by_caller.count >
                      2 * into->compact_size + COMPACT_SLACK)
        merged = profile_normalise(into, error);
    return merged;
}
