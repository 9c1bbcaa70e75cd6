#include "analyzer/model/counters/block_weights.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/name_suffixes.h"
#include "analyzer/model/counters/block_uses.h"

/* How far the first code of a function is looked for: calls in calls, blocks behind blocks. */
#define DEEPEST_ENTRY 8
#define FURTHEST_ENTRY 32
/* Fewer calls do not tell which share of a function's calls came from one place. */
#define FEWEST_CALLS 20
/*
 * A position that is only left in contexts with less than this part of what ran of the function
 * says nothing of the others: compilers made one of its code with another block's there.
 */
#define LEAST_EVIDENCE 50

/* The count of a context, found through a position or through what was called from there. */
struct seen_context {
    uint32_t context;
    bool is_of_callee;
    uint64_t count;
};

struct block_weigher {
    const struct ir_program *program;
    const struct position_counts *counts;
    bool *is_in_dumps;            /* by position: some block has it */
    struct inlined_part *inlined; /* of positions of the dumps, sorted */
    size_t inlined_count;
    struct seen_context *contexts; /* of the position that is looked at */
    size_t context_count, context_capacity;
    uint64_t *own; /* counts of the block's own positions */
    size_t own_count, own_capacity;
    struct block_uses uses;      /* of the function */
    struct seen_context *copies; /* of the function: the most that any position ran in each */
    size_t copy_count, copy_capacity;
    uint64_t executions; /* of all copies together */
};

/* Counts of one block agree that are no less than this part of the larger. */
#define AGREE 0.85

/* A position that is inlined somewhere into a function. */
struct inlined_part {
    uint32_t inner;
    uint32_t function;
};

/* A call within a call, innermost first. */
struct call_chain {
    uint32_t call;
    const struct call_chain *outer;
};

/* What was found of one block. */
struct found {
    uint64_t shared;
    bool has_shared, has_position;
};

static int compare_inlined(const void *left, const void *right)
{
    const struct inlined_part *a = left;
    const struct inlined_part *b = right;
    return a->inner != b->inner ? COMPARE(a->inner, b->inner) : COMPARE(a->function, b->function);
}

static void collect_dumped(struct block_weigher *weigher)
{
    const struct ir_program *program = weigher->program;
    for (size_t i = 0; i < program->position_count; i++) {
        uint32_t position = program->block_positions[i];
        if (position == POSITION_NONE || weigher->is_in_dumps[position])
            continue;
        const struct position *place = &program->positions.items[position];
        weigher->is_in_dumps[position] = true;
        if (place->inner != POSITION_NONE)
            weigher->inlined[weigher->inlined_count++] =
                (struct inlined_part){place->inner, place->function};
    }
    if (weigher->inlined_count > 0)
        qsort(weigher->inlined, weigher->inlined_count, sizeof(*weigher->inlined), compare_inlined);
}

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
    weigher->inlined = calloc(program->positions.count + 1, sizeof(*weigher->inlined));
    if (!weigher->is_in_dumps || !weigher->inlined) {
        memory_exhausted(error);
        block_weigher_free(weigher);
        return NULL;
    }
    collect_dumped(weigher);
    return weigher;
}

void block_weigher_free(struct block_weigher *weigher)
{
    if (!weigher)
        return;
    free(weigher->is_in_dumps);
    free(weigher->inlined);
    free(weigher->contexts);
    free(weigher->own);
    block_uses_free(&weigher->uses);
    free(weigher->copies);
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

/* Code of several calls in one has no line of any: whether the dumps have some of them inlined. */
static bool is_inlined_into(const struct block_weigher *weigher, uint32_t inner, uint32_t function)
{
    struct inlined_part part = {inner, function};
    return weigher->inlined_count > 0 && bsearch(&part, weigher->inlined, weigher->inlined_count,
                                                 sizeof(part), compare_inlined) != NULL;
}

bool block_weights_are_outside(const struct block_weigher *weigher, uint32_t position,
                               uint32_t context)
{
    const struct position *contexts = weigher->counts->contexts.items;
    while (contexts[context].inner != POSITION_NONE) {
        struct position outer = contexts[context];
        context = outer.inner;
        outer.inner = position;
        if (outer.line == 0)
            return is_inlined_into(weigher, position, outer.function);
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
        if (!block_weights_are_outside(weigher, position, weigher->contexts[i].context))
            weigher->contexts[count++] = weigher->contexts[i];
    }
    weigher->context_count = count;
}

/* Leaves the largest of each context, the position's own before a callee's. */
static void join_contexts(struct seen_context *contexts, size_t *count)
{
    size_t kept = 0;
    if (*count > 0)
        qsort(contexts, *count, sizeof(*contexts), compare_contexts);
    for (size_t i = 0; i < *count; i++) {
        if (kept == 0 || contexts[i].context != contexts[kept - 1].context)
            contexts[kept++] = contexts[i];
    }
    *count = kept;
}

static uint64_t sum_contexts(const struct seen_context *contexts, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum = count_add(sum, contexts[i].count);
    return sum;
}

/* The most that any position of the function ran in a context. */
static uint64_t most_in_copy(const struct block_weigher *weigher, uint32_t context)
{
    size_t found = SEARCH_COUNT(weigher->copy_count, i, weigher->copies[i].context < context);
    return found < weigher->copy_count && weigher->copies[found].context == context
               ? weigher->copies[found].count
               : 0;
}

/* Whether the contexts that have the position are some of those that ran, if any ran. */
static bool is_evidence(const struct block_weigher *weigher)
{
    uint64_t evidence = 0;
    for (size_t i = 0; i < weigher->context_count; i++) {
        uint64_t most = most_in_copy(weigher, weigher->contexts[i].context);
        uint64_t own = weigher->contexts[i].count;
        evidence = count_add(evidence, most > own ? most : own);
    }
    return count_multiply(evidence, LEAST_EVIDENCE) >= weigher->executions;
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

/*
 * How often a function of the binary is called from a position; false where nothing is left of the
 * call: it ran, or there is code of it that did not.
 */
static bool calls_of(const struct block_weigher *weigher, uint32_t position, uint32_t function,
                     uint64_t *calls)
{
    bool found = position_counts_first(weigher->counts, position) != NULL;
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

/* The copies of the function: contexts that some of its positions have. */
static bool collect_copies(struct block_weigher *weigher, struct error *error)
{
    weigher->copy_count = 0;
    for (size_t i = 0; i < weigher->uses.count; i++) {
        uint32_t position = weigher->uses.items[i].position;
        if (i > 0 && weigher->uses.items[i - 1].position == position)
            continue;
        weigher->context_count = 0;
        if (!add_contexts(weigher, position, false, error))
            return false;
        drop_counted_outside(weigher, position);
        if (!memory_reserve(&weigher->copies, &weigher->copy_capacity,
                            weigher->copy_count + weigher->context_count, sizeof(*weigher->copies),
                            error))
            return false;
        for (size_t k = 0; k < weigher->context_count; k++)
            weigher->copies[weigher->copy_count++] = weigher->contexts[k];
    }
    join_contexts(weigher->copies, &weigher->copy_count);
    weigher->executions = sum_contexts(weigher->copies, weigher->copy_count);
    return true;
}

/* Whether several blocks of the function have the position. */
static bool is_shared(const struct block_weigher *weigher, uint32_t position)
{
    const struct block_uses *uses = &weigher->uses;
    size_t first = block_uses_first(uses, position);
    for (size_t i = first; i < uses->count && uses->items[i].position == position; i++) {
        if (uses->items[i].block != uses->items[first].block)
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
    join_contexts(weigher->contexts, &weigher->context_count);
    if (weigher->context_count == 0 || !is_evidence(weigher))
        return true;
    uint64_t count = sum_contexts(weigher->contexts, weigher->context_count);
    bool shared = is_shared(weigher, position);
    if (!shared) {
        if (!memory_reserve(&weigher->own, &weigher->own_capacity, weigher->own_count + 1,
                            sizeof(*weigher->own), error))
            return false;
        weigher->own[weigher->own_count++] = count;
        return true;
    }
    found->has_shared = true;
    if (found->shared < count)
        found->shared = count;
    return true;
}

uint64_t block_weights_merged_calls(const struct block_weigher *weigher, const struct ir_call *call)
{
    const struct positions *positions = &weigher->program->positions;
    uint64_t most = 0;
    for (uint32_t part = call->position; part != POSITION_NONE;
         part = positions->items[part].inner) {
        uint64_t calls = 0;
        for (const struct position_target *target = position_targets_merged(
                 weigher->counts, positions, positions->items[part].function);
             target; target = position_targets_next(weigher->counts, target)) {
            size_t size = name_size_of_function(target->target->name, strlen(target->target->name));
            if (strncmp(target->target->name, call->callee, size) == 0 &&
                call->callee[size] == '\0')
                calls = count_add(calls, target->count);
        }
        most = most < calls ? calls : most;
    }
    return most;
}

/* Code that never ran has its lines: what of a call is gone was made one with others, or was dead.
 */
static struct block_weight weigh_lost_calls(const struct block_weigher *weigher,
                                            const struct ir_block *block)
{
    struct block_weight weight = {.source = WEIGHT_UNKNOWN};
    for (uint32_t k = block->first_call; k < block[1].first_call; k++) {
        const struct ir_call *call = &weigher->program->calls[k];
        if (!call->callee)
            continue;
        uint64_t calls = block_weights_merged_calls(weigher, call);
        weight.source = WEIGHT_LOST_CALL;
        weight.count = weight.count < calls ? calls : weight.count;
    }
    return weight;
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
    if (weight.source == WEIGHT_UNKNOWN && found->has_position)
        return weigh_lost_calls(weigher, block);
    return weight;
}

static int compare_counts(const void *left, const void *right)
{
    return COMPARE(*(const uint64_t *)right, *(const uint64_t *)left);
}

/*
 * The count of a block: that of most of its positions, where most agree; code that was moved out of
 * it ran more often.  Else the largest, since code that was moved into it or made one ran less.
 */
static uint64_t own_count(struct block_weigher *weigher)
{
    const uint64_t *own = weigher->own;
    size_t count = weigher->own_count, most = 0, best = 0;
    qsort(weigher->own, count, sizeof(*own), compare_counts);
    for (size_t i = 0, end = 0; i < count; i++) {
        while (end < count && (double)own[end] >= AGREE * (double)own[i])
            end++;
        if (end - i > most) {
            most = end - i;
            best = i;
        }
    }
    return own[4 * most > 3 * count ? best : 0];
}

static bool weigh_block(struct block_weigher *weigher, const struct ir_block *block,
                        struct block_weight *weight, struct error *error)
{
    const struct ir_program *program = weigher->program;
    struct found found = {0};
    weigher->own_count = 0;
    for (uint32_t k = block->first_position; k < block[1].first_position; k++) {
        if (program->block_positions[k] != POSITION_NONE &&
            !weigh_position(weigher, block, program->block_positions[k], &found, error))
            return false;
    }
    if (weigher->own_count > 0)
        *weight = (struct block_weight){WEIGHT_OWN, own_count(weigher)};
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
                        struct block_weight *weights, uint64_t *executions, struct error *error)
{
    if (!block_uses_collect(&weigher->uses, weigher->program, function, error) ||
        !collect_copies(weigher, error))
        return false;
    *executions = weigher->executions;
    for (uint32_t i = 0; i < function->block_count; i++) {
        if (!weigh_block(weigher, &weigher->program->blocks[function->first_block + i], &weights[i],
                         error))
            return false;
    }
    if (function->block_count > 0)
        weigh_entry(weigher, function, &weights[0]);
    return true;
}
