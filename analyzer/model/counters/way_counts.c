#include "analyzer/model/counters/way_counts.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/counters/block_uses.h"
#include "analyzer/model/counters/merged_positions.h"

/* Blocks that are searched for the one that a side came to. */
#define FURTHEST_BLOCKS 64
/* Of a block with more ways only those are told apart that lead straight to the code. */
#define MOST_SEARCHED_WAYS 16
#define NOT_FOUND UINT32_MAX

struct way_counter {
    const struct ir_program *program;
    const struct block_weigher *weigher;
    const struct position_branches *branches;
    struct block_uses uses; /* of the function */
    /* Blocks that a search has seen, by number in the function: its number. */
    uint32_t *seen;
    size_t seen_capacity;
    uint32_t search;
    uint8_t *ends; /* by position: blocks of the function that have a branch there, 2 for more */
    const struct ir_function *function;
};

struct way_counter *way_counter_new(const struct ir_program *program,
                                    const struct block_weigher *weigher,
                                    const struct position_branches *branches, struct error *error)
{
    struct way_counter *counter = calloc(1, sizeof(*counter));
    if (!counter) {
        memory_exhausted(error);
        return NULL;
    }
    counter->program = program;
    counter->weigher = weigher;
    counter->branches = branches;
    counter->ends = calloc(program->positions.count + 1, sizeof(*counter->ends));
    if (!counter->ends) {
        memory_exhausted(error);
        way_counter_free(counter);
        return NULL;
    }
    return counter;
}

void way_counter_free(struct way_counter *counter)
{
    if (!counter)
        return;
    block_uses_free(&counter->uses);
    free(counter->seen);
    free(counter->ends);
    free(counter);
}

static bool has_position(const struct way_counter *counter, uint32_t block, uint32_t position)
{
    const struct block_uses *uses = &counter->uses;
    for (size_t i = block_uses_first(uses, position);
         i < uses->count && uses->items[i].position == position; i++) {
        if (uses->items[i].block == block)
            return true;
    }
    return false;
}

/* How many blocks a way goes on until one has the position, not through `around`. */
static uint32_t distance(struct way_counter *counter, uint32_t start, uint32_t position,
                         uint32_t around)
{
    uint32_t queue[FURTHEST_BLOCKS], steps[FURTHEST_BLOCKS];
    const struct ir_block *blocks = &counter->program->blocks[counter->function->first_block];
    size_t count = 0;
    if (position == POSITION_NONE)
        return NOT_FOUND;
    counter->search++;
    counter->seen[start] = counter->search;
    queue[count] = start;
    steps[count++] = 0;
    for (size_t next = 0; next < count; next++) {
        uint32_t block = queue[next];
        if (has_position(counter, block, position))
            return steps[next];
        if (block == around)
            continue;
        for (uint32_t k = blocks[block].first_edge; k < blocks[block + 1].first_edge; k++) {
            uint32_t to = counter->program->edges[k];
            if (counter->seen[to] == counter->search || count == FURTHEST_BLOCKS)
                continue;
            counter->seen[to] = counter->search;
            queue[count] = to;
            steps[count++] = steps[next] + 1;
        }
    }
    return NOT_FOUND;
}

/* The way that leads straight to a block with the position, or NOT_FOUND. */
static uint32_t straight_way(const struct way_counter *counter, const struct ir_block *block,
                             uint32_t position)
{
    for (uint32_t k = block->first_edge; k < block[1].first_edge; k++) {
        if (has_position(counter, counter->program->edges[k], position))
            return k;
    }
    return NOT_FOUND;
}

/* The way that comes to a position soonest, or NOT_FOUND where several do. */
static uint32_t soonest_way(struct way_counter *counter, uint32_t number, uint32_t position)
{
    const struct ir_block *block =
        &counter->program->blocks[counter->function->first_block + number];
    const uint32_t *edges = counter->program->edges;
    uint32_t best = NOT_FOUND, least = NOT_FOUND;
    if (block[1].first_edge - block->first_edge > MOST_SEARCHED_WAYS)
        return straight_way(counter, block, position);
    for (uint32_t k = block->first_edge; k < block[1].first_edge; k++) {
        uint32_t steps = distance(counter, edges[k], position, number);
        if (steps == NOT_FOUND || (best != NOT_FOUND && edges[k] == edges[best]))
            continue;
        if (least == NOT_FOUND || steps < least)
            best = k;
        else if (steps == least)
            best = NOT_FOUND;
        if (least == NOT_FOUND || steps < least)
            least = steps;
    }
    return best;
}

/* The two ways of a block, or false where there are less or more. */
static bool two_ways(const struct way_counter *counter, const struct ir_block *block,
                     uint32_t ways[2])
{
    const uint32_t *edges = counter->program->edges;
    ways[0] = block->first_edge;
    ways[1] = block->first_edge + 1;
    return block[1].first_edge == block->first_edge + 2 && edges[ways[0]] != edges[ways[1]];
}

/* What is known of where a side of a branch came to. */
enum landing { LANDING_HIDDEN, LANDING_ELSEWHERE, LANDING_FOUND, LANDING_ON_ONE_WAY };

static enum landing landing_of(const struct position_branch *branch, unsigned side,
                               const uint32_t steps[2])
{
    if (branch->sides[side].landing == POSITION_NONE)
        return LANDING_HIDDEN;
    if (steps[0] == NOT_FOUND && steps[1] == NOT_FOUND)
        return LANDING_ELSEWHERE;
    return steps[0] == NOT_FOUND || steps[1] == NOT_FOUND ? LANDING_ON_ONE_WAY : LANDING_FOUND;
}

/*
 * Which of two ways the first side is: 0 or 1, or NOT_FOUND.  Where both come to the same code
 * sooner or later, it is only told by both sides, or where the other has no code of its own left.
 */
static uint32_t first_of_two(struct way_counter *counter, uint32_t number, const uint32_t ways[2],
                             const struct position_branch *branch)
{
    uint32_t steps[2][2]; /* by side, by way */
    uint64_t known[2][2];
    enum landing landings[2];
    for (unsigned side = 0; side < 2; side++) {
        for (unsigned way = 0; way < 2; way++) {
            steps[side][way] = distance(counter, counter->program->edges[ways[way]],
                                        branch->sides[side].landing, number);
            known[side][way] =
                steps[side][way] != NOT_FOUND ? steps[side][way] : 2 * FURTHEST_BLOCKS;
        }
        landings[side] = landing_of(branch, side, steps[side]);
    }
    for (unsigned side = 0; side < 2; side++) {
        if (landings[side] == LANDING_ELSEWHERE && landings[side ^ 1] != LANDING_ON_ONE_WAY)
            return NOT_FOUND;
    }
    uint64_t straight = known[0][0] + known[1][1], crossed = known[0][1] + known[1][0];
    return straight < crossed ? 0 : straight > crossed ? 1 : NOT_FOUND;
}

static bool is_in_blocks(const struct way_counter *counter, uint32_t position)
{
    const struct block_uses *uses = &counter->uses;
    size_t first = block_uses_first(uses, position);
    return first < uses->count && uses->items[first].position == position;
}

/* Of code that was inlined behind the counters blocks have the call; not of the branch's own. */
static uint32_t landing_in_blocks(const struct way_counter *counter, uint32_t landing,
                                  uint32_t branch)
{
    const struct positions *positions = &counter->program->positions;
    size_t calls = merged_position_calls(positions, landing);
    for (size_t frames = 0; frames <= calls; frames++) {
        uint32_t call = positions_find_call(positions, landing, frames);
        if (call == branch)
            break;
        if (call != POSITION_NONE && is_in_blocks(counter, call))
            return call;
    }
    return landing;
}

static void add_branch(struct way_counter *counter, uint32_t number, uint32_t position,
                       const struct position_branch *branch, uint64_t *counts)
{
    const struct ir_block *block =
        &counter->program->blocks[counter->function->first_block + number];
    uint32_t ways[2];
    /* A side that goes on with another branch of the same position is counted there. */
    bool goes_on = branch->sides[0].landing == position || branch->sides[1].landing == position;
    if (two_ways(counter, block, ways) && !goes_on) {
        uint32_t first = first_of_two(counter, number, ways, branch);
        for (unsigned side = 0; first != NOT_FOUND && side < 2; side++) {
            uint64_t *count = &counts[ways[side ^ first]];
            *count = count_add(*count, branch->sides[side].count);
        }
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        uint32_t way = branch->sides[side].landing != position && branch->sides[side].count > 0
                           ? soonest_way(counter, number, branch->sides[side].landing)
                           : NOT_FOUND;
        if (way != NOT_FOUND)
            counts[way] = count_add(counts[way], branch->sides[side].count);
    }
}

/* The position of a block's branch, where no other block has a branch there; or POSITION_NONE. */
static uint32_t end_position(const struct way_counter *counter, uint32_t number)
{
    const struct ir_block *blocks = &counter->program->blocks[counter->function->first_block];
    uint32_t position = blocks[number].end_position;
    if (position == POSITION_NONE || blocks[number + 1].first_edge < blocks[number].first_edge + 2)
        return POSITION_NONE;
    return counter->ends[position] == 1 ? position : POSITION_NONE;
}

/* How often a branch at a position came to an end of its block: not with another branch there. */
static uint64_t ends_of(const struct position_branch *branch, uint32_t position)
{
    uint64_t ends = 0;
    for (unsigned side = 0; side < 2; side++) {
        if (branch->sides[side].landing != position)
            ends = count_add(ends, branch->sides[side].count);
    }
    return ends;
}

/* Of the branches at the position itself; and adds to `end` how often they ran. */
static void add_own_branches(struct way_counter *counter, uint32_t number, uint32_t position,
                             uint64_t *ways, uint64_t *end)
{
    for (const struct position_branch *branch =
             position_branches_first(counter->branches, position);
         branch; branch = position_branches_next(counter->branches, branch)) {
        if (block_weights_are_outside(counter->weigher, position, branch->context))
            continue;
        struct position_branch own = *branch;
        for (unsigned side = 0; side < 2; side++)
            own.sides[side].landing =
                landing_in_blocks(counter, branch->sides[side].landing, position);
        *end = count_add(*end, ends_of(branch, position));
        add_branch(counter, number, position, &own, ways);
    }
}

/*
 * Of branches that the release made one of this and others, in calls of the same function: which
 * way they went together is the best that is known.
 */
static void add_merged_branches(struct way_counter *counter, uint32_t number, uint32_t position,
                                uint64_t *ways)
{
    const struct positions *positions = &counter->program->positions;
    uint64_t ends = 0;
    for (size_t frame = merged_position_calls(positions, position); frame-- > 0 && ends == 0;) {
        uint32_t merged = merged_position_find(positions, position, frame);
        const struct position_branch *branch =
            merged != POSITION_NONE ? position_branches_first(counter->branches, merged) : NULL;
        for (; branch; branch = position_branches_next(counter->branches, branch)) {
            struct position_branch own = *branch;
            if (block_weights_are_outside(counter->weigher, position, branch->context))
                continue;
            for (unsigned side = 0; side < 2; side++) {
                if (own.sides[side].landing != POSITION_NONE)
                    own.sides[side].landing =
                        merged_position_part(positions, own.sides[side].landing, position, frame);
            }
            ends = count_add(ends, ends_of(branch, merged));
            add_branch(counter, number, position, &own, ways);
        }
    }
}

/* Counts the branches of the function at each position; `less`: takes them back. */
static void count_ends(struct way_counter *counter, const struct ir_function *function, bool less)
{
    const struct ir_block *blocks = &counter->program->blocks[function->first_block];
    for (uint32_t i = 0; i < function->block_count; i++) {
        uint32_t position = blocks[i].end_position;
        if (position == POSITION_NONE || blocks[i + 1].first_edge < blocks[i].first_edge + 2)
            continue;
        uint8_t *ends = &counter->ends[position];
        *ends = less ? 0 : *ends < 2 ? *ends + 1 : 2;
    }
}

bool way_counts_find(struct way_counter *counter, const struct ir_function *function,
                     uint64_t *ways, uint64_t *ends, struct error *error)
{
    const struct ir_block *blocks = &counter->program->blocks[function->first_block];
    size_t before = counter->seen_capacity;
    counter->function = function;
    for (uint32_t i = blocks[0].first_edge; i < blocks[function->block_count].first_edge; i++)
        ways[i] = 0;
    if (!block_uses_collect(&counter->uses, counter->program, function, error) ||
        !memory_reserve(&counter->seen, &counter->seen_capacity, function->block_count,
                        sizeof(*counter->seen), error))
        return false;
    memset(&counter->seen[before], 0, (counter->seen_capacity - before) * sizeof(*counter->seen));
    count_ends(counter, function, false);
    for (uint32_t i = 0; i < function->block_count; i++) {
        uint32_t position = end_position(counter, i);
        uint64_t *end = &ends[function->first_block + i];
        *end = 0;
        if (position == POSITION_NONE)
            continue;
        add_own_branches(counter, i, position, ways, end);
        if (*end == 0)
            add_merged_branches(counter, i, position, ways);
    }
    count_ends(counter, function, true);
    return true;
}
