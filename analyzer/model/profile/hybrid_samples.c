#include "analyzer/model/profile/hybrid_samples.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

void hybrid_samples_free(struct hybrid_samples *samples)
{
    free(samples->items);
    free(samples->branches);
    *samples = (struct hybrid_samples){0};
}

bool hybrid_samples_branch(struct hybrid_samples *samples, uint32_t trace, struct error *error)
{
    if (!memory_reserve(&samples->branches, &samples->branch_capacity, samples->branch_count + 1,
                        sizeof(*samples->branches), error))
        return false;
    samples->branches[samples->branch_count++] = trace;
    return true;
}

bool hybrid_samples_end(struct hybrid_samples *samples, uint32_t stack, uint64_t count,
                        struct error *error)
{
    struct hybrid_sample added = {.stack = stack, .count = count};
    if (samples->count > 0) {
        const struct hybrid_sample *last = &samples->items[samples->count - 1];
        added.first_branch = last->first_branch + last->branch_count;
    }
    added.branch_count = samples->branch_count - added.first_branch;
    if (stack == 0 || added.branch_count == 0) {
        samples->branch_count = added.first_branch;
        return true;
    }
    if (!memory_reserve(&samples->items, &samples->capacity, samples->count + 1,
                        sizeof(*samples->items), error))
        return false;
    samples->items[samples->count++] = added;
    return true;
}

bool hybrid_samples_merge(struct hybrid_samples *into, const struct hybrid_samples *from,
                          uint64_t weight, size_t first_trace, size_t first_stack,
                          struct error *error)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct hybrid_sample *sample = &from->items[i];
        for (size_t k = 0; k < sample->branch_count; k++) {
            uint32_t trace = from->branches[sample->first_branch + k];
            if (!hybrid_samples_branch(into, (uint32_t)(trace + first_trace), error))
                return false;
        }
        if (!hybrid_samples_end(into, (uint32_t)(sample->stack + first_stack),
                                count_multiply(sample->count, weight), error))
            return false;
    }
    return true;
}

void hybrid_samples_move_traces(struct hybrid_samples *samples, const uint32_t *numbers)
{
    for (size_t i = 0; i < samples->branch_count; i++)
        samples->branches[i] = numbers[samples->branches[i]];
}

void hybrid_samples_move_stacks(struct hybrid_samples *samples, const uint32_t *numbers)
{
    for (size_t i = 0; i < samples->count; i++)
        samples->items[i].stack = numbers[samples->items[i].stack - 1];
}
