#include "analyzer/read/perf_counts.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

void perf_counts_free(struct perf_counts *counts)
{
    free(counts->traces.slots);
    free(counts->stacks.slots);
}

static uint64_t mix_location(uint64_t hash, struct location location)
{
    return hash_mix(hash_mix(hash, location.module), location.address);
}

static uint64_t trace_hash(const struct trace *trace)
{
    uint64_t hash = hash_mix(hash_mix(1, trace->has_range), trace->end);
    return mix_location(mix_location(hash, trace->from), trace->to);
}

static uint64_t stack_hash(uint32_t parent, struct location location)
{
    return mix_location(hash_mix(2, parent), location);
}

static bool location_same(struct location a, struct location b)
{
    return a.module == b.module && a.address == b.address;
}

static bool trace_same(const struct trace *a, const struct trace *b)
{
    return location_same(a->to, b->to) && location_same(a->from, b->from) && a->end == b->end &&
           a->has_range == b->has_range;
}

static void insert(struct perf_table *table, uint64_t hash, uint32_t value)
{
    size_t i = (size_t)hash & (table->size - 1);
    while (table->slots[i])
        i = (i + 1) & (table->size - 1);
    table->slots[i] = value;
    table->count++;
}

/* Makes room for one more.  `is_stack` says what the entries are. */
static bool table_grow(struct perf_table *table, const struct profile *profile, bool is_stack,
                       struct error *error)
{
    struct perf_table grown = {.size = table->size > 0 ? table->size * 2 : 1024};
    if (table->count < table->size / 2)
        return true;
    grown.slots = calloc(grown.size, sizeof(*grown.slots));
    if (!grown.slots || grown.size > UINT32_MAX) {
        free(grown.slots);
        return memory_exhausted(error);
    }
    for (size_t i = 0; i < table->size; i++) {
        uint32_t entry = table->slots[i];
        if (!entry)
            continue;
        insert(&grown,
               is_stack ? stack_hash(profile->stacks[entry - 1].parent,
                                     profile->stacks[entry - 1].location)
                        : trace_hash(&profile->traces[entry - 1]),
               entry);
    }
    free(table->slots);
    *table = grown;
    return true;
}

bool perf_count_trace(struct perf_counts *counts, const struct trace *trace, uint32_t *number,
                      struct error *error)
{
    struct perf_table *table = &counts->traces;
    struct trace added = *trace;
    if (!added.has_range)
        added.end = 0;
    added.count = 1;
    if (!table_grow(table, counts->profile, false, error))
        return false;
    for (size_t i = (size_t)trace_hash(&added) & (table->size - 1); table->slots[i];
         i = (i + 1) & (table->size - 1)) {
        struct trace *known = &counts->profile->traces[table->slots[i] - 1];
        if (trace_same(known, &added)) {
            known->count = count_add(known->count, 1);
            *number = table->slots[i] - 1;
            return true;
        }
    }
    if (!profile_add_trace(counts->profile, &added, error))
        return false;
    *number = (uint32_t)counts->profile->trace_count - 1;
    insert(table, trace_hash(&added), *number + 1);
    return true;
}

bool perf_find_stack(struct perf_counts *counts, uint32_t parent, struct location location,
                     uint32_t *node, struct error *error)
{
    struct perf_table *table = &counts->stacks;
    struct stack_node added = {.parent = parent, .location = location};
    if (!table_grow(table, counts->profile, true, error))
        return false;
    for (size_t i = (size_t)stack_hash(parent, location) & (table->size - 1); table->slots[i];
         i = (i + 1) & (table->size - 1)) {
        const struct stack_node *known = &counts->profile->stacks[table->slots[i] - 1];
        if (known->parent == parent && location_same(known->location, location)) {
            *node = table->slots[i];
            return true;
        }
    }
    if (!profile_add_stack(counts->profile, &added, error))
        return false;
    *node = (uint32_t)counts->profile->stack_count;
    insert(table, stack_hash(parent, location), *node);
    return true;
}
