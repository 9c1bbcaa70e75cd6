#include "analyzer/model/counters/block_counts.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/model/counters/block_flow.h"
#include "analyzer/model/counters/call_sites.h"
#include "analyzer/model/counters/lost_entries.h"
#include "analyzer/model/counters/way_counts.h"

/* A block that ran less often says nothing: single samples are not warm. */
#define LEAST_COUNT 2

struct block_counting {
    struct block_counts *result;
    const struct ir_program *program;
    const struct position_counts *positions;
    const uint64_t *ran;
    struct block_weigher *weigher;
    struct way_counter *way_counter;
    struct call_sites *sites;
    struct lost_entry_finder *finder;
    uint64_t *executions; /* by number of the function: of all its copies */
    uint64_t *ways;       /* by number of the edge: how often it was seen to be taken */
    uint64_t *ends;       /* by number of the block: how often its branches ran */
    struct error *error;
};

uint64_t block_counts_hottest(const struct block_counts *counts, const struct ir_function *function)
{
    const struct block_weight *weights = &counts->weights[function->first_block];
    uint64_t most = 0;
    for (uint32_t i = 0; i < function->block_count; i++) {
        if (weights[i].source != WEIGHT_LOST_CALL && most < weights[i].count)
            most = weights[i].count;
    }
    return most;
}

static bool solve(struct block_counting *counting, const struct ir_function *function)
{
    return block_flow_solve(counting->program, function,
                            &counting->result->weights[function->first_block], counting->ways,
                            &counting->result->counts[function->first_block], counting->error);
}

/* Of a loop with several copies the largest is not all: each has its branch. */
static void raise_to_ends(struct block_counting *counting, const struct ir_function *function)
{
    struct block_weight *weights = &counting->result->weights[function->first_block];
    const uint64_t *ends = &counting->ends[function->first_block];
    for (uint32_t i = 0; i < function->block_count; i++) {
        if (weights[i].source == WEIGHT_OWN && weights[i].count < ends[i])
            weights[i].count = ends[i];
    }
}

/* What the code of a function alone says. */
static bool weigh_function(struct block_counting *counting, uint32_t number)
{
    const struct ir_function *function = &counting->program->functions[number];
    enum function_state *state = &counting->result->states[number];
    if (!block_weights_find(counting->weigher, function,
                            &counting->result->weights[function->first_block],
                            &counting->executions[number], counting->error) ||
        !way_counts_find(counting->way_counter, function, counting->ways, counting->ends,
                         counting->error))
        return false;
    raise_to_ends(counting, function);
    if (block_counts_hottest(counting->result, function) > 0)
        *state = FUNCTION_MAPPED;
    else if (counting->ran[number] > 0)
        *state = FUNCTION_UNMAPPED;
    return *state != FUNCTION_MAPPED || solve(counting, function);
}

/* Where the code of some copies is gone, what is left of the others stands for all. */
static void scale_weights(struct block_weight *weights, uint32_t count, double factor)
{
    for (uint32_t i = 0; factor > 1 && i < count; i++)
        weights[i].count = (uint64_t)((double)weights[i].count * factor + 0.5);
}

/* Whether callers may know more than the code: not where that is never inlined, or never ran. */
static bool may_be_entered_unseen(const struct block_counting *counting, uint32_t number)
{
    uint32_t source =
        block_weights_source_function(counting->program, &counting->program->functions[number]);
    enum function_state state = counting->result->states[number];
    if (source == POSITION_NONE || state == FUNCTION_UNMAPPED)
        return false;
    struct position_function_counts known =
        position_counts_of_function(counting->positions, source);
    return !known.has_code || (known.is_inlined && state == FUNCTION_MAPPED);
}

/* Of a function that the release inlines, callers know entries that its own code does not show. */
static bool enter_by_callers(struct block_counting *counting, uint32_t number)
{
    const struct ir_function *function = &counting->program->functions[number];
    struct block_weight *weights = &counting->result->weights[function->first_block];
    struct lost_entries lost;
    if (!may_be_entered_unseen(counting, number))
        return true;
    if (!lost_entries_find(counting->finder, number, counting->result->counts, &lost,
                           counting->error))
        return false;
    uint64_t own = weights[0].source != WEIGHT_UNKNOWN ? weights[0].count : 0;
    uint64_t entries = count_add(own, count_add(lost.without_code, lost.without_beginning));
    if (entries <= counting->result->counts[function->first_block])
        return true;
    if (counting->executions[number] > 0)
        scale_weights(weights, function->block_count,
                      1 + (double)lost.without_code / (double)counting->executions[number]);
    weights[0] = (struct block_weight){WEIGHT_CALLERS, entries};
    counting->result->states[number] = FUNCTION_MAPPED;
    return solve(counting, function);
}

/* A block that all leave by ways that are not counted: clang says so of each. */
static bool leads_nowhere(const struct ir_program *program, const struct ir_block *block,
                          const uint64_t *counts)
{
    if (block[1].first_edge == block->first_edge)
        return false;
    for (uint32_t i = block->first_edge; i < block[1].first_edge; i++) {
        if (counts[program->edges[i]] > 0)
            return false;
    }
    return true;
}

static void drop_small_counts(struct block_counting *counting, const struct ir_function *function)
{
    const struct ir_program *program = counting->program;
    const struct ir_block *blocks = &program->blocks[function->first_block];
    uint64_t *counts = &counting->result->counts[function->first_block];
    bool changed = true;
    for (uint32_t i = 0; i < function->block_count; i++) {
        if (counts[i] < LEAST_COUNT)
            counts[i] = 0;
    }
    while (changed) {
        changed = false;
        for (uint32_t i = function->block_count; i-- > 0;) {
            if (counts[i] == 0 || !leads_nowhere(program, &blocks[i], counts))
                continue;
            counts[i] = 0;
            changed = true;
        }
    }
}

static bool count_blocks(struct block_counting *counting)
{
    uint32_t functions = (uint32_t)counting->program->function_count;
    for (uint32_t i = 0; i < functions; i++) {
        progress_step("counting blocks", i, functions);
        if (!weigh_function(counting, i))
            return false;
    }
    for (uint32_t i = 0; i < functions; i++) {
        if (!enter_by_callers(counting, call_sites_order(counting->sites)[i]))
            return false;
    }
    for (uint32_t i = 0; i < functions; i++)
        drop_small_counts(counting, &counting->program->functions[i]);
    return true;
}

static bool make_room(struct block_counting *counting)
{
    const struct ir_program *program = counting->program;
    struct block_counts *result = counting->result;
    result->weights = calloc(program->block_count + 1, sizeof(*result->weights));
    result->counts = calloc(program->block_count + 1, sizeof(*result->counts));
    result->states = calloc(program->function_count + 1, sizeof(*result->states));
    counting->executions = calloc(program->function_count + 1, sizeof(uint64_t));
    counting->ways = calloc(program->edge_count + 1, sizeof(uint64_t));
    counting->ends = calloc(program->block_count + 1, sizeof(uint64_t));
    if (result->weights && result->counts && result->states && counting->executions &&
        counting->ways && counting->ends)
        return true;
    return memory_exhausted(counting->error);
}

static bool make_parts(struct block_counting *counting, const struct position_branches *branches)
{
    const struct ir_program *program = counting->program;
    struct error *error = counting->error;
    counting->weigher = block_weigher_new(program, counting->positions, error);
    if (counting->weigher)
        counting->way_counter = way_counter_new(program, counting->weigher, branches, error);
    if (counting->way_counter)
        counting->sites = call_sites_new(program, error);
    if (counting->sites)
        counting->finder = lost_entry_finder_new(program, counting->positions, counting->weigher,
                                                 counting->sites, error);
    return counting->finder != NULL;
}

bool block_counts_find(struct block_counts *result, const struct ir_program *program,
                       const struct position_counts *positions,
                       const struct position_branches *branches, const uint64_t *ran,
                       struct error *error)
{
    struct block_counting counting = {
        .result = result, .program = program, .positions = positions, .ran = ran, .error = error};
    *result = (struct block_counts){0};
    bool done = make_room(&counting) && make_parts(&counting, branches) && count_blocks(&counting);
    lost_entry_finder_free(counting.finder);
    call_sites_free(counting.sites);
    way_counter_free(counting.way_counter);
    block_weigher_free(counting.weigher);
    free(counting.executions);
    free(counting.ways);
    free(counting.ends);
    return done;
}

void block_counts_free(struct block_counts *counts)
{
    free(counts->weights);
    free(counts->counts);
    free(counts->states);
    *counts = (struct block_counts){0};
}
