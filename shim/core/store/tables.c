/* Traces, call stacks, contexts and modules: tables on the chunks of the raw file. */
#include "shim/core/store/tables.h"

#include <string.h>

#include "shim/core/store/chunks.h"
#include "shim/core/store/counters.h"

#define PROBE_LIMIT 8 /* entries looked at from a hash on */
#define FIRST_TRACES 512
#define FIRST_STACK_NODES 512
#define FIRST_CONTEXTS 512
#define FIRST_MODULES 32
#define DEEPEST_STACK 256

static struct table traces = {.kind = PGORAW_CHUNK_TRACES,
                              .entry_size = sizeof(struct pgoraw_trace),
                              .first_entries = FIRST_TRACES};
static struct table stacks = {.kind = PGORAW_CHUNK_STACKS,
                              .entry_size = sizeof(struct pgoraw_stack_node),
                              .first_entries = FIRST_STACK_NODES};
static struct table contexts = {.kind = PGORAW_CHUNK_CONTEXTS,
                                .entry_size = sizeof(struct pgoraw_context),
                                .first_entries = FIRST_CONTEXTS};
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
    table_forget(&contexts);
    table_forget(&modules);
    table_update(&traces);
    table_update(&stacks);
    table_update(&contexts);
    table_update(&modules);
    return (modules.chunk_count || table_grow(&modules)) &&
           (traces.chunk_count || table_grow(&traces));
}

void tables_after_fork(void)
{
    traces.growing = stacks.growing = contexts.growing = modules.growing = 0;
}

/* --- entries by hash ------------------------------------------------------- */

/* What is common to traces, nodes and contexts; constant, so that each gets code of its own. */
struct table_entry_kind {
    size_t size, state_offset;
    bool (*is)(const void *entry, const void *key); /* key: an entry with its key fields alone */
    void (*fill)(void *entry, const void *key);
};

/* NAME_kind: entries of `type` whose key is compared by the expression `same`, set by `copy`. */
#define ENTRY_KIND(name, type, same, copy)                                                         \
    static bool name##_is(const void *present, const void *wanted)                                 \
    {                                                                                              \
        const type *entry = present, *key = wanted;                                                \
        return same;                                                                               \
    }                                                                                              \
    static void name##_fill(void *claimed, const void *wanted)                                     \
    {                                                                                              \
        type *entry = claimed;                                                                     \
        const type *key = wanted;                                                                  \
        copy;                                                                                      \
    }                                                                                              \
    static const struct table_entry_kind name##_kind = {sizeof(type), offsetof(type, state),       \
                                                        name##_is, name##_fill};

static inline uint8_t *entry_at(const struct table_chunk *chunk, const struct table_entry_kind kind,
                                uint64_t index)
{
    return chunk->entries + (index & (chunk->entry_count - 1)) * kind.size;
}

/* Newest chunk first: that is where the entries of a large program are. */
static inline __attribute__((always_inline)) void *entry_find(const struct table *table,
                                                              const struct table_entry_kind kind,
                                                              uint64_t hash, const void *key)
{
    for (uint32_t i = __atomic_load_n(&table->chunk_count, __ATOMIC_ACQUIRE); i-- > 0;) {
        for (unsigned step = 0; step < PROBE_LIMIT; step++) {
            uint8_t *entry = entry_at(&table->chunks[i], kind, hash + step);
            uint32_t state = entry_state((uint32_t *)(entry + kind.state_offset));
            if (state == PGORAW_EMPTY)
                break;
            if (state == PGORAW_READY && kind.is(entry, key))
                return entry;
        }
    }
    return NULL;
}

/* Free entries are claimed only in the newest chunk, and only after a look at the older ones. */
static inline __attribute__((always_inline)) void *entry_add(const struct table *table,
                                                             const struct table_entry_kind kind,
                                                             uint64_t hash, const void *key)
{
    uint32_t chunk_count = __atomic_load_n(&table->chunk_count, __ATOMIC_ACQUIRE);
    for (unsigned step = 0; chunk_count && step < PROBE_LIMIT; step++) {
        uint8_t *entry = entry_at(&table->chunks[chunk_count - 1], kind, hash + step);
        uint32_t *state = (uint32_t *)(entry + kind.state_offset);
        if (!entry_claim(state))
            continue;
        kind.fill(entry, key);
        entry_publish(state);
        return entry;
    }
    return NULL;
}

/* The entry with the key, found or added.  NULL: there is no room. */
static inline __attribute__((always_inline)) void *
entry_of(struct table *table, const struct table_entry_kind kind, uint64_t hash, const void *key)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        void *entry = entry_find(table, kind, hash, key);
        if (!entry)
            entry = entry_add(table, kind, hash, key);
        if (entry)
            return entry;
        if (attempt > 0 || !table_grow(table))
            break;
    }
    return NULL;
}

/* The entry's number, from 1 over all chunks. */
static uint32_t entry_number(const struct table *table, const void *entry)
{
    for (uint32_t i = __atomic_load_n(&table->chunk_count, __ATOMIC_ACQUIRE); i-- > 0;) {
        const struct table_chunk *chunk = &table->chunks[i];
        uint64_t offset = (uint64_t)((const uint8_t *)entry - chunk->entries);
        if ((const uint8_t *)entry >= chunk->entries &&
            offset < chunk->entry_count * table->entry_size)
            return chunk->first_number + (uint32_t)(offset / table->entry_size) + 1;
    }
    return 0;
}

/* --- traces ---------------------------------------------------------------- */

ENTRY_KIND(trace, struct pgoraw_trace,
           entry->from == key->from && entry->to == key->to && entry->run_length == key->run_length,
           (entry->from = key->from, entry->to = key->to, entry->run_length = key->run_length))

static uint64_t trace_hash(uint64_t from, uint64_t to, uint32_t run_length)
{
    return hash_mix(hash_mix(hash_mix(0, from), to), run_length);
}

void store_prefetch_trace(uint64_t from, uint64_t to, uint32_t run_length)
{
    uint64_t hash = trace_hash(from, to, run_length);
    for (uint32_t i = __atomic_load_n(&traces.chunk_count, __ATOMIC_ACQUIRE); i-- > 0;)
        __builtin_prefetch(entry_at(&traces.chunks[i], trace_kind, hash), 1);
}

struct pgoraw_trace *store_add_trace(uint64_t from, uint64_t to, uint32_t run_length,
                                     uint64_t count)
{
    const struct pgoraw_trace key = {.from = from, .to = to, .run_length = run_length};
    struct pgoraw_trace *trace =
        entry_of(&traces, trace_kind, trace_hash(from, to, run_length), &key);

    if (trace)
        __atomic_fetch_add(&trace->count, count, __ATOMIC_RELAXED);
    else
        store_count(store_mapping.header, PGORAW_COUNT_DROP_TABLE_FULL, 1);
    return trace;
}

/* --- call stacks ----------------------------------------------------------- */

ENTRY_KIND(node, struct pgoraw_stack_node,
           entry->parent == key->parent && entry->location == key->location,
           (entry->parent = key->parent, entry->location = key->location))

static struct pgoraw_stack_node *node_of(uint32_t parent, uint64_t location)
{
    const struct pgoraw_stack_node key = {.parent = parent, .location = location};
    return entry_of(&stacks, node_kind, hash_mix(hash_mix(0, parent), location), &key);
}

uint32_t store_find_stack_node(uint32_t parent, uint64_t location)
{
    const struct pgoraw_stack_node *node = node_of(parent, location);
    return node ? entry_number(&stacks, node) : 0;
}

const struct pgoraw_stack_node *store_stack_node(uint32_t number)
{
    for (uint32_t i = __atomic_load_n(&stacks.chunk_count, __ATOMIC_ACQUIRE); i-- > 0;) {
        const struct table_chunk *chunk = &stacks.chunks[i];
        if (number > chunk->first_number && number - chunk->first_number <= chunk->entry_count)
            return (const struct pgoraw_stack_node *)chunk->entries + number - 1 -
                   chunk->first_number;
    }
    return NULL;
}

bool store_add_stack(const uint64_t *locations, size_t depth, uint32_t *callers)
{
    struct pgoraw_stack_node *node = NULL;

    if (depth > DEEPEST_STACK)
        depth = DEEPEST_STACK;
    *callers = 0;
    if (depth == 0)
        return false;
    for (size_t i = depth; i-- > 0;) {
        if (node)
            *callers = entry_number(&stacks, node);
        node = node_of(*callers, locations[i]);
        if (!node) {
            store_count(store_mapping.header, PGORAW_COUNT_DROP_STACK_TABLE, 1);
            return false;
        }
    }
    __atomic_fetch_add(&node->count, 1, __ATOMIC_RELAXED);
    return true;
}

/* --- contexts -------------------------------------------------------------- */

ENTRY_KIND(context, struct pgoraw_context,
           entry->callers == key->callers && entry->trace == key->trace,
           (entry->callers = key->callers, entry->trace = key->trace))

void store_limit_contexts(uint32_t share)
{
    contexts.share = share;
}

struct pgoraw_context *store_add_context(uint32_t callers, const struct pgoraw_trace *trace,
                                         uint64_t count, uint64_t weighted)
{
    const struct pgoraw_context key = {.callers = callers, .trace = entry_number(&traces, trace)};
    struct pgoraw_context *context =
        entry_of(&contexts, context_kind, hash_mix(hash_mix(0, key.callers), key.trace), &key);

    if (context) {
        __atomic_fetch_add(&context->count, count, __ATOMIC_RELAXED);
        __atomic_fetch_add(&context->weighted, weighted, __ATOMIC_RELAXED);
    } else {
        store_count(store_mapping.header, PGORAW_COUNT_CONTEXTS_FULL, count);
    }
    return context;
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
