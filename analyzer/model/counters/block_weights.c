#include "analyzer/model/counters/block_weights.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

/* How far the first code of a function is looked for: calls in calls, blocks behind blocks. */
#define DEEPEST_ENTRY 8
#define FURTHEST_ENTRY 32
/* Fewer calls do not tell which share of a function's calls came from one place. */
#define FEWEST_CALLS 20

/* The count of a context, found through a position or through what was called from there. */
struct seen_context {
    uint32_t context;
    bool is_of_callee;
    uint64_t count;
};

/* A block that has the position. */
struct position_use {
    uint32_t position;
    uint32_t block;
};

struct block_weigher {
    const struct ir_program *program;
    const struct position_counts *counts;
    bool *is_in_dumps;             /* by position: some block has it */
    struct seen_context *contexts; /* of the position that is looked at */
    size_t context_count, context_capacity;
    struct position_use *uses; /* of the function, by position */
    size_t use_count, use_capacity;
};

/* A call within a call, innermost first. */
struct call_chain {
    uint32_t call;
    const struct call_chain *outer;
};

/* What was found of one block. */
struct found {
    uint64_t own, shared;
    bool has_own, has_shared, has_position, has_call;
};

struct block_weigher *block_weigher_new(const struct ir_program *program,
                                        const struct position_counts *counts, struct error *error)
{
    struct block_weigher *weigher = calloc(1, sizeof(*weigher));
    if (!weigher) {
        memory_exhausted(error);
        return NULL;
    }
    weigher->program = program;
    weigher->counts = counts;
    weigher->is_in_dumps = calloc(program->positions.count + 1, sizeof(*weigher->is_in_dumps));
    if (!weigher->is_in_dumps) {
        memory_exhausted(error);
        free(weigher);
        return NULL;
    }
    for (size_t i = 0; i < program->position_count; i++) {
        if (program->block_positions[i] != POSITION_NONE)
            weigher->is_in_dumps[program->block_positions[i]] = true;
    }
    return weigher;
}

void block_weigher_free(struct block_weigher *weigher)
{
    if (!weigher)
        return;
    free(weigher->is_in_dumps);
    free(weigher->contexts);
    free(weigher->uses);
    free(weigher);
}

uint32_t block_weights_source_function(const struct ir_program *program,
                                       const struct ir_function *function)
{
    uint32_t first = program->blocks[function->first_block].first_position;
    uint32_t end = program->blocks[function->first_block + function->block_count].first_position;
    for (; first < end; first++) {
        uint32_t position = program->block_positions[first];
        if (position != POSITION_NONE)
            return program->positions.items[position].function;
    }
    return POSITION_NONE;
}

/* --- counts of a position -------------------------------------------------------------------- */

static bool add_contexts(struct block_weigher *weigher, uint32_t position, bool is_of_callee,
                         struct error *error)
{
    for (const struct position_count *count = position_counts_first(weigher->counts, position);
         count; count = position_counts_next(weigher->counts, count)) {
        if (!memory_reserve(&weigher->contexts, &weigher->context_capacity,
                            weigher->context_count + 1, sizeof(*weigher->contexts), error))
            return false;
        weigher->contexts[weigher->context_count++] =
            (struct seen_context){count->context, is_of_callee, count->count};
    }
    return true;
}

/* The position's where it is inlined at a chain of calls, or POSITION_NONE. */
static uint32_t inline_at(const struct block_weigher *weigher, uint32_t position,
                          const struct call_chain *chain)
{
    for (; chain && position != POSITION_NONE; chain = chain->outer)
        position = positions_find_inlined(&weigher->program->positions, position, chain->call);
    return position;
}

/*
 * Where a call was inlined, its own position has no code left: what the function begins with
 * there counts.  Adds the contexts of that; of a function that begins with a call, of what
 * that begins with.
 */
static bool add_entry(struct block_weigher *weigher, const char *callee,
                      const struct call_chain *chain, unsigned depth, struct error *error)
{
    const struct ir_program *program = weigher->program;
    const struct ir_function *function = callee ? ir_program_find(program, callee) : NULL;
    size_t before = weigher->context_count;
    if (!function || depth == DEEPEST_ENTRY)
        return true;
    const struct ir_block *blocks = &program->blocks[function->first_block];
    const struct ir_block *block = blocks;
    for (unsigned i = 0; i < FURTHEST_ENTRY; i++) {
        for (uint32_t k = block->first_position; k < block[1].first_position; k++) {
            uint32_t position = inline_at(weigher, program->block_positions[k], chain);
            if (position != POSITION_NONE && !add_contexts(weigher, position, true, error))
                return false;
        }
        for (uint32_t k = block->first_call;
             weigher->context_count == before && k < block[1].first_call; k++) {
            const struct ir_call *call = &program->calls[k];
            struct call_chain inner = {call->position, chain};
            if (call->position != POSITION_NONE &&
                !add_entry(weigher, call->callee, &inner, depth + 1, error))
                return false;
        }
        if (weigher->context_count > before || block[1].first_edge != block->first_edge + 1)
            return true;
        block = &blocks[program->edges[block->first_edge]];
    }
    return true;
}

static int compare_contexts(const void *left, const void *right)
{
    const struct seen_context *a = left;
    const struct seen_context *b = right;
    if (a->context != b->context)
        return COMPARE(a->context, b->context);
    if (a->is_of_callee != b->is_of_callee)
        return COMPARE(a->is_of_callee, b->is_of_callee);
    return COMPARE(b->count, a->count);
}

/*
 * Whether the position was inlined in this context before the counters: what ran there is counted
 * by the blocks of the function that it is inlined into.
 */
static bool is_counted_outside(const struct block_weigher *weigher, uint32_t position,
                               uint32_t context)
{
    const struct position *contexts = weigher->counts->contexts.items;
    while (contexts[context].inner != POSITION_NONE) {
        struct position outer = contexts[context];
        context = outer.inner;
        outer.inner = position;
        position = positions_find(&weigher->program->positions, outer);
        if (position == POSITION_NONE)
            return false;
        if (weigher->is_in_dumps[position])
            return true;
    }
    return false;
}

/* Leaves the contexts whose executions are the function's own. */
static void drop_counted_outside(struct block_weigher *weigher, uint32_t position)
{
    size_t count = 0;
    for (size_t i = 0; i < weigher->context_count; i++) {
        if (!is_counted_outside(weigher, position, weigher->contexts[i].context))
            weigher->contexts[count++] = weigher->contexts[i];
    }
    weigher->context_count = count;
}

/* The largest of each context, the position's own before a callee's, added up. */
static uint64_t sum_contexts(struct block_weigher *weigher)
{
    uint64_t sum = 0;
    qsort(weigher->contexts, weigher->context_count, sizeof(*weigher->contexts), compare_contexts);
    for (size_t i = 0; i < weigher->context_count; i++) {
        if (i == 0 || weigher->contexts[i].context != weigher->contexts[i - 1].context)
            sum = count_add(sum, weigher->contexts[i].count);
    }
    return sum;
}

/* --- what is called in the binary alone ---------------------------------------------------------
 */

/* The outer part of a position, from behind its prefix `inner` on, as a position of its own. */
static uint32_t outer_part(const struct positions *positions, uint32_t position, uint32_t inner)
{
    uint32_t frames[POSITION_DEPTH_LIMIT];
    size_t depth = 0;
    uint32_t part = POSITION_NONE;
    for (; position != inner && depth < POSITION_DEPTH_LIMIT;
         position = positions->items[position].inner)
        frames[depth++] = position;
    while (depth > 0) {
        struct position frame = positions->items[frames[--depth]];
        frame.inner = part;
        part = positions_find(positions, frame);
        if (part == POSITION_NONE)
            return POSITION_NONE;
    }
    return part;
}

/* How often a function of the binary is called from a position; false where it is not. */
static bool calls_of(const struct block_weigher *weigher, uint32_t position, uint32_t function,
                     uint64_t *calls)
{
    bool found = false;
    *calls = 0;
    for (const struct position_target *target = position_targets_first(weigher->counts, position);
         target; target = position_targets_next(weigher->counts, target)) {
        if (target->function != function)
            continue;
        found = true;
        *calls = count_add(*calls, target->count);
    }
    return found;
}

/* The share of a function's own code that is due to calls from one position. */
static bool count_outlined(const struct block_weigher *weigher, uint32_t prefix, uint32_t call,
                           uint64_t *sum)
{
    bool found = false;
    uint64_t calls;
    *sum = 0;
    for (const struct position_count *count = position_counts_first(weigher->counts, prefix); count;
         count = position_counts_next(weigher->counts, count)) {
        if (!count->is_outermost || count->function >= weigher->counts->binary_entry_size ||
            !calls_of(weigher, call, count->function, &calls))
            continue;
        uint64_t entries = weigher->counts->binary_entries[count->function];
        if (entries < FEWEST_CALLS)
            continue;
        found = true;
        *sum = count_add(*sum, (uint64_t)((double)count->count * (double)calls / (double)entries));
    }
    return found;
}

/* The count of a position that was inlined before the counters, and is called in the binary. */
static bool find_outlined(const struct block_weigher *weigher, uint32_t position, uint64_t *count)
{
    const struct positions *positions = &weigher->program->positions;
    for (uint32_t prefix = positions->items[position].inner; prefix != POSITION_NONE;
         prefix = positions->items[prefix].inner) {
        uint32_t call = outer_part(positions, position, prefix);
        if (call != POSITION_NONE && count_outlined(weigher, prefix, call, count))
            return true;
    }
    return false;
}

/* --- blocks --------------------------------------------------------------------------------------
 */

static int compare_uses(const void *left, const void *right)
{
    const struct position_use *a = left;
    const struct position_use *b = right;
    return a->position != b->position ? COMPARE(a->position, b->position)
                                      : COMPARE(a->block, b->block);
}

static bool collect_uses(struct block_weigher *weigher, const struct ir_function *function,
                         struct error *error)
{
    const struct ir_program *program = weigher->program;
    weigher->use_count = 0;
    for (uint32_t i = 0; i < function->block_count; i++) {
        const struct ir_block *block = &program->blocks[function->first_block + i];
        for (uint32_t k = block->first_position; k < block[1].first_position; k++) {
            if (program->block_positions[k] == POSITION_NONE)
                continue;
            if (!memory_reserve(&weigher->uses, &weigher->use_capacity, weigher->use_count + 1,
                                sizeof(*weigher->uses), error))
                return false;
            weigher->uses[weigher->use_count++] =
                (struct position_use){program->block_positions[k], i};
        }
    }
    if (weigher->use_count > 0)
        qsort(weigher->uses, weigher->use_count, sizeof(*weigher->uses), compare_uses);
    return true;
}

/* Whether several blocks of the function have the position. */
static bool is_shared(const struct block_weigher *weigher, uint32_t position)
{
    size_t low = 0, high = weigher->use_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weigher->uses[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t block = low < weigher->use_count ? weigher->uses[low].block : 0;
    for (; low < weigher->use_count && weigher->uses[low].position == position; low++) {
        if (weigher->uses[low].block != block)
            return true;
    }
    return false;
}

static bool weigh_position(struct block_weigher *weigher, const struct ir_block *block,
                           uint32_t position, struct found *found, struct error *error)
{
    const struct ir_program *program = weigher->program;
    found->has_position = true;
    weigher->context_count = 0;
    if (!add_contexts(weigher, position, false, error))
        return false;
    for (uint32_t i = block->first_call; i < block[1].first_call; i++) {
        struct call_chain chain = {position, NULL};
        if (program->calls[i].position == position &&
            !add_entry(weigher, program->calls[i].callee, &chain, 0, error))
            return false;
    }
    drop_counted_outside(weigher, position);
    if (weigher->context_count == 0)
        return true;
    uint64_t count = sum_contexts(weigher);
    bool shared = is_shared(weigher, position);
    uint64_t *most = shared ? &found->shared : &found->own;
    if (*most < count)
        *most = count;
    if (shared)
        found->has_shared = true;
    else
        found->has_own = true;
    return true;
}

static struct block_weight weigh_outlined(const struct block_weigher *weigher,
                                          const struct ir_block *block, const struct found *found)
{
    struct block_weight weight = {.source = WEIGHT_UNKNOWN};
    uint64_t count;
    for (uint32_t k = block->first_position; k < block[1].first_position; k++) {
        uint32_t position = weigher->program->block_positions[k];
        if (position == POSITION_NONE || !find_outlined(weigher, position, &count))
            continue;
        if (weight.count < count)
            weight.count = count;
        weight.source = WEIGHT_OUTLINED;
    }
    if (weight.source == WEIGHT_UNKNOWN && found->has_call && found->has_position)
        weight.source = WEIGHT_LOST_CALL;
    return weight;
}

static bool weigh_block(struct block_weigher *weigher, const struct ir_block *block,
                        struct block_weight *weight, struct error *error)
{
    const struct ir_program *program = weigher->program;
    struct found found = {0};
    for (uint32_t k = block->first_call; k < block[1].first_call; k++)
        found.has_call |= program->calls[k].callee != NULL;
    for (uint32_t k = block->first_position; k < block[1].first_position; k++) {
        if (program->block_positions[k] != POSITION_NONE &&
            !weigh_position(weigher, block, program->block_positions[k], &found, error))
            return false;
    }
    if (found.has_own)
        *weight = (struct block_weight){WEIGHT_OWN, found.own};
    else if (found.has_shared)
        *weight = (struct block_weight){WEIGHT_SHARED, found.shared};
    else
        *weight = weigh_outlined(weigher, block, &found);
    return true;
}

/* Of a function that is nowhere inlined, all entries are calls. */
static void weigh_entry(const struct block_weigher *weigher, const struct ir_function *function,
                        struct block_weight *entry)
{
    uint32_t source = block_weights_source_function(weigher->program, function);
    if (source == POSITION_NONE || entry->source != WEIGHT_UNKNOWN)
        return;
    struct position_function_counts known = position_counts_of_function(weigher->counts, source);
    if (known.has_code && !known.is_inlined)
        *entry = (struct block_weight){WEIGHT_ENTRIES, known.entries};
}

bool block_weights_find(struct block_weigher *weigher, const struct ir_function *function,
                        struct block_weight *weights, struct error *error)
{
    if (!collect_uses(weigher, function, error))
        return false;
    for (uint32_t i = 0; i < function->block_count; i++) {
        if (!weigh_block(weigher, &weigher->program->blocks[function->first_block + i], &weights[i],
                         error))
            return false;
    }
    if (function->block_count > 0)
        weigh_entry(weigher, function, &weights[0]);
    return true;
}
