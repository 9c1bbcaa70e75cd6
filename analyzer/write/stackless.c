#include "analyzer/write/stackless.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"

static int compare_samples(const void *left, const void *right)
{
    const struct stackless_sample *a = left;
    const struct stackless_sample *b = right;
    if (a->place.module != b->place.module)
        return a->place.module < b->place.module ? -1 : 1;
    return (a->place.address > b->place.address) - (a->place.address < b->place.address);
}

/* Sorts by place and adds up what is at one; returns how many are left. */
static size_t unite(struct stackless_sample *items, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(items, count, sizeof(*items), compare_samples);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare_samples(&items[kept - 1], &items[i]) == 0)
            items[kept - 1].count = count_add(items[kept - 1].count, items[i].count);
        else
            items[kept++] = items[i];
    }
    return kept;
}

/* Takes from the samples those that have a stack; both are in order of place. */
static size_t subtract(struct stackless_sample *samples, size_t count,
                       const struct stackless_sample *stacks, size_t stack_count)
{
    size_t kept = 0;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < stack_count && compare_samples(&stacks[at], &samples[i]) < 0)
            at++;
        bool has_stacks = at < stack_count && compare_samples(&stacks[at], &samples[i]) == 0;
        uint64_t with_stack = has_stacks ? stacks[at].count : 0;
        if (samples[i].count <= with_stack)
            continue;
        samples[kept] = samples[i];
        samples[kept++].count -= with_stack;
    }
    return kept;
}

bool stackless_find(struct stackless *found, const struct profile *profile, struct error *error)
{
    struct stackless_sample *stacks = calloc(profile->stack_count + 1, sizeof(*stacks));
    size_t stack_count = 0;
    *found = (struct stackless){calloc(profile->trace_count + 1, sizeof(*found->items)), 0, false};
    if (!stacks || !found->items) {
        free(stacks);
        return memory_exhausted(error);
    }
    for (size_t i = 0; i < profile->stack_count; i++) {
        const struct stack_node *node = &profile->stacks[i];
        found->has_stacks = found->has_stacks || node->count > 0;
        if (node->count > 0 && !node->truncated)
            stacks[stack_count++] = (struct stackless_sample){node->location, node->count};
    }
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE)
            found->items[found->count++] = (struct stackless_sample){trace->to, trace->count};
    }
    found->count = unite(found->items, found->count);
    stack_count = unite(stacks, stack_count);
    found->count = subtract(found->items, found->count, stacks, stack_count);
    free(stacks);
    return true;
}

void stackless_free(struct stackless *found)
{
    free(found->items);
    *found = (struct stackless){0};
}

void stackless_tell(const struct stackless *found, const struct profile *profile)
{
    uint64_t without = 0;
    for (size_t i = 0; i < found->count; i++)
        without = count_add(without, found->items[i].count);
    if (found->has_stacks && without > 0)
        message_note("%" PRIu64 " of %" PRIu64
                     " samples have no call stack: they stand under " STACKLESS_CALLER
                     "; record with --stacks 1 to have all",
                     without, profile_samples(profile));
}
