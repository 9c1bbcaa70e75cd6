/* Traces, call stacks and modules: three tables on the chunks of the raw file. */
#include "shim/core/store/tables.h"

#include <string.h>

#include "shim/core/store/chunks.h"

#define PROBE_LIMIT 8 /* entries looked at from a hash on */
#define FIRST_TRACES 512
#define FIRST_STACK_NODES 512
#define FIRST_MODULES 32
#define DEEPEST_STACK 256

static struct table traces = {.kind = PGORAW_CHUNK_TRACES,
                              .entry_size = sizeof(struct pgoraw_trace),
                              .first_entries = FIRST_TRACES};
static struct table stacks = {.kind = PGORAW_CHUNK_STACKS,
                              .entry_size = sizeof(struct pgoraw_stack_node),
                              .first_entries = FIRST_STACK_NODES};
static struct table modules = {.kind = PGORAW_CHUNK_MODULES,
                               .entry_size = sizeof(struct pgoraw_module),
                               .first_entries = FIRST_MODULES};

static void table_forget(struct table *table)
{
    table->chunk_count = table->known = table->growing = 0;
}

bool tables_open(void)
{
    table_forget(&traces);
    table_forget(&stacks);
    table_forget(&modules);
    table_update(&traces);
    table_update(&stacks);
    table_update(&modules);
    return (modules.chunk_count || table_grow(&modules)) &&
           (traces.chunk_count || table_grow(&traces));
}

void tables_after_fork(void)
{
    traces.growing = stacks.growing = modules.growing = 0;
}

/* --- traces ---------------------------------------------------------------- */

static struct pgoraw_trace *trace_at(const struct table_chunk *chunk, uint64_t hash, unsigned step)
{
    return (struct pgoraw_trace *)chunk->entries + ((hash + step) & (chunk->entry_count - 1));
}

/* Newest chunk first: that is where the entries of a large program are. */
static struct pgoraw_trace *trace_find(uint64_t hash, uint64_t from, uint64_t to,
                                       uint32_t run_length)
{
    for (uint32_t i = __atomic_load_n(&traces.chunk_count, __ATOMIC_ACQUIRE); i-- > 0;) {
        for (unsigned step = 0; step < PROBE_LIMIT; step++) {
            struct pgoraw_trace *trace = trace_at(&traces.chunks[i], hash, step);
            uint32_t state = entry_state(&trace->state);
            if (state == PGORAW_EMPTY)
                break;
            if (state == PGORAW_READY && trace->from == from && trace->to == to &&
                trace->run_length == run_length)
                return trace;
        }
    }
    return NULL;
}

static struct pgoraw_trace *trace_insert(uint64_t hash, uint64_t from, uint64_t to,
                                         uint32_t run_length, uint64_t count)
{
    const struct table_chunk *newest =
        &traces.chunks[__atomic_load_n(&traces.chunk_count, __ATOMIC_ACQUIRE) - 1];

    for (unsigned step = 0; step < PROBE_LIMIT; step++) {
        struct pgoraw_trace *trace = trace_at(newest, hash, step);
        if (!entry_claim(&trace->state))
            continue;
        trace->from = from;
        trace->to = to;
        trace->run_length = run_length;
        __atomic_store_n(&trace->count, count, __ATOMIC_RELAXED);
        entry_publish(&trace->state);
        return trace;
    }
    return NULL;
}

static uint64_t trace_hash(uint64_t from, uint64_t to, uint32_t run_length)
{
    return hash_mix(hash_mix(hash_mix(0, from), to), run_length);
}

void store_prefetch_trace(uint64_t from, uint64_t to, uint32_t run_length)
{
    uint64_t hash = trace_hash(from, to, run_length);
    for (uint32_t i = __atomic_load_n(&traces.chunk_count, __ATOMIC_ACQUIRE); i-- > 0;)
        __builtin_prefetch(trace_at(&traces.chunks[i], hash, 0), 1);
}

struct pgoraw_trace *store_add_trace(uint64_t from, uint64_t to, uint32_t run_length,
                                     uint64_t count)
{
    uint64_t hash = trace_hash(from, to, run_length);
    struct pgoraw_trace *trace = trace_find(hash, from, to, run_length);

    if (trace) {
        __atomic_fetch_add(&trace->count, count, __ATOMIC_RELAXED);
        return trace;
    }
    trace = trace_insert(hash, from, to, run_length, count);
    if (!trace && table_grow(&traces))
        trace = trace_insert(hash, from, to, run_length, count);
    if (!trace)
        store_count(store_mapping.header, PGORAW_COUNT_DROP_TABLE_FULL, 1);
    return trace;
}

/* --- call stacks ----------------------------------------------------------- */

/* The node's number, found or added under `parent`; 0 where there is no room. */
static uint32_t stack_node(uint32_t parent, uint64_t location, struct pgoraw_stack_node **found)
{
    uint64_t hash = hash_mix(hash_mix(0, parent), location);

    for (int attempt = 0; attempt < 2; attempt++) {
        uint32_t chunk_count = __atomic_load_n(&stacks.chunk_count, __ATOMIC_ACQUIRE);
        for (uint32_t i = chunk_count; i-- > 0;) {
            const struct table_chunk *chunk = &stacks.chunks[i];
            for (unsigned step = 0; step < PROBE_LIMIT; step++) {
                uint64_t index = (hash + step) & (chunk->entry_count - 1);
                struct pgoraw_stack_node *node = (struct pgoraw_stack_node *)chunk->entries + index;
                /* Claim free entries only in the newest chunk, and only after the older ones. */
                uint32_t state = entry_state(&node->state);
                if (state == PGORAW_EMPTY)
                    break;
                if (state == PGORAW_READY && node->parent == parent && node->location == location) {
                    *found = node;
                    return chunk->first_number + (uint32_t)index + 1;
                }
            }
        }
        for (unsigned step = 0; chunk_count && step < PROBE_LIMIT; step++) {
            const struct table_chunk *chunk = &stacks.chunks[chunk_count - 1];
            uint64_t index = (hash + step) & (chunk->entry_count - 1);
            struct pgoraw_stack_node *node = (struct pgoraw_stack_node *)chunk->entries + index;
            if (!entry_claim(&node->state))
                continue;
            node->parent = parent;
            node->location = location;
            entry_publish(&node->state);
            *found = node;
            return chunk->first_number + (uint32_t)index + 1;
        }
        if (!table_grow(&stacks))
            break;
    }
    return 0;
}

void store_add_stack(const uint64_t *locations, size_t depth)
{
    struct pgoraw_stack_node *node = NULL;
    uint32_t parent = 0;

    if (depth > DEEPEST_STACK)
        depth = DEEPEST_STACK;
    for (size_t i = depth; i-- > 0;) {
        parent = stack_node(parent, locations[i], &node);
        if (parent == 0) {
            store_count(store_mapping.header, PGORAW_COUNT_DROP_STACK_TABLE, 1);
            return;
        }
    }
    if (node)
        __atomic_fetch_add(&node->count, 1, __ATOMIC_RELAXED);
}

/* --- modules --------------------------------------------------------------- */

static bool module_is(const struct pgoraw_module *entry, const struct pgoraw_module *module)
{
    return entry->build_id_size == module->build_id_size &&
           memcmp(entry->build_id, module->build_id, sizeof(module->build_id)) == 0 &&
           strncmp(entry->path, module->path, sizeof(module->path)) == 0;
}

uint32_t store_add_module(const struct pgoraw_module *module)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        table_update(&modules);
        for (uint32_t i = 0; i < modules.chunk_count; i++) {
            const struct table_chunk *chunk = &modules.chunks[i];
            for (uint32_t index = 0; index < chunk->entry_count; index++) {
                struct pgoraw_module *entry = (struct pgoraw_module *)chunk->entries + index;
                uint32_t number = chunk->first_number + index + 1;
                if (number > PGORAW_MAX_MODULES)
                    return 0;
                if (entry_claim(&entry->state)) {
                    size_t state_size = sizeof(entry->state);
                    memcpy((uint8_t *)entry + state_size, (const uint8_t *)module + state_size,
                           sizeof(*entry) - state_size);
                    entry_publish(&entry->state);
                    return number;
                }
                if (entry_state(&entry->state) == PGORAW_READY && module_is(entry, module))
                    return number;
            }
        }
        if (!table_grow(&modules))
            break;
    }
    return 0;
}
