#include "analyzer/model/counters/block_flow.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/counts/network_simplex.h"

/* What solving one function's network may take in all. */
#define WORK 2000000000
/* The expected counts that ways are split by are those of the last answer, this often. */
#define ROUNDS 4
/* Executions of a block that tell the shares of its ways, at least. */
#define LEAST_SEEN 4
/* No larger weight: sums of flows stay far from the end of their type. */
#define MOST_COUNT 1000000000000

/* Costs of one execution too many or too few. */
#define COST_WAY 1    /* of any way, so that nothing goes round without need */
#define COST_EVEN 50  /* of a way that is not taken as often as its share */
#define COST_SEEN 100 /* likewise, where the share was seen */
/* Of a way to what should never run: only what ran there is worth it, not what is left over. */
#define COST_UNLIKELY 1500
#define COST_MORE 1000
#define COST_LESS 2000
#define COST_MORE_THAN_NONE 1100
#define COST_MORE_ENTRIES 4000
#define COST_FEWER_ENTRIES 1000

/* Parts of a thousand that a weight's costs are taken by. */
static const int64_t confidence[WEIGHT_SOURCES] = {
    [WEIGHT_OWN] = 1000,      [WEIGHT_SHARED] = 200,   [WEIGHT_OUTLINED] = 500,
    [WEIGHT_LOST_CALL] = 100, [WEIGHT_ENTRIES] = 1000, [WEIGHT_CALLERS] = 1000,
};

struct flow_way {
    uint32_t from, to; /* blocks */
    double share;      /* of what leaves the block, 0 to 1; negative: nothing is expected */
    uint64_t seen;     /* how often it was seen to be taken */
    bool is_seen;      /* the share is by that */
    bool is_unlikely;
};

struct flow_problem {
    const struct ir_program *program;
    const struct ir_function *function;
    const struct block_weight *weights;
    const uint64_t *seen; /* by number of the edge in the program, or NULL */
    uint32_t block_count;
    struct flow_way *ways; /* by `from`; each pair of blocks once */
    size_t way_count;
    size_t *first_ways; /* by block, and one behind */
    bool *is_dead;      /* leads only where the program never should go on */
    bool *is_exit;      /* the function is left here */
    uint32_t *order;    /* blocks that are reached, each before those behind it but for loops */
    uint32_t order_count;
    double *expected; /* by block */
    uint64_t *counts;
    struct network network;
    size_t *first_arcs; /* by block, and one behind: of the block itself */
};

static const struct ir_block *block_at(const struct flow_problem *problem, uint32_t number)
{
    return &problem->program->blocks[problem->function->first_block + number];
}

/* --- the graph ---------------------------------------------------------------------------------
 */

/* Ways of blocks, those to one block only once. */
static void collect_ways(struct flow_problem *problem, uint32_t *last_from)
{
    for (uint32_t i = 0; i < problem->block_count; i++)
        last_from[i] = UINT32_MAX;
    for (uint32_t i = 0; i < problem->block_count; i++) {
        const struct ir_block *block = block_at(problem, i);
        problem->first_ways[i] = problem->way_count;
        for (uint32_t k = block->first_edge; k < block[1].first_edge; k++) {
            uint32_t to = problem->program->edges[k];
            uint64_t seen = problem->seen ? problem->seen[k] : 0;
            if (last_from[to] == i) {
                for (size_t way = problem->first_ways[i]; way < problem->way_count; way++)
                    problem->ways[way].seen += problem->ways[way].to == to ? seen : 0;
                continue;
            }
            last_from[to] = i;
            problem->ways[problem->way_count++] =
                (struct flow_way){.from = i, .to = to, .share = -1, .seen = seen};
        }
    }
    problem->first_ways[problem->block_count] = problem->way_count;
}

static size_t ways_of(const struct flow_problem *problem, uint32_t block)
{
    return problem->first_ways[block + 1] - problem->first_ways[block];
}

/* Blocks in reverse of the order in which a search leaves them. */
static void find_order(struct flow_problem *problem, uint32_t *stack, size_t *next_way)
{
    uint32_t depth = 1, left = problem->block_count;
    for (uint32_t i = 0; i < problem->block_count; i++)
        next_way[i] = SIZE_MAX;
    stack[0] = 0;
    next_way[0] = problem->first_ways[0];
    while (depth > 0) {
        uint32_t block = stack[depth - 1];
        if (next_way[block] == problem->first_ways[block + 1]) {
            problem->order[--left] = block;
            depth--;
            continue;
        }
        uint32_t to = problem->ways[next_way[block]++].to;
        if (next_way[to] == SIZE_MAX) {
            next_way[to] = problem->first_ways[to];
            stack[depth++] = to;
        }
    }
    problem->order_count = problem->block_count - left;
    memmove(problem->order, problem->order + left, problem->order_count * sizeof(uint32_t));
}

/* Repeats, against the order, until nothing changes. */
static void find_dead(struct flow_problem *problem)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = problem->order_count; i-- > 0;) {
            uint32_t block = problem->order[i];
            bool is_dead =
                ways_of(problem, block) > 0 || block_at(problem, block)->end == IR_END_NEVER;
            for (size_t k = problem->first_ways[block]; k < problem->first_ways[block + 1]; k++)
                is_dead = is_dead && problem->is_dead[problem->ways[k].to];
            changed = changed || (is_dead && !problem->is_dead[block]);
            problem->is_dead[block] |= is_dead;
        }
    }
}

/* Marks, against the order, all blocks that lead to marked ones. */
static void spread(const struct flow_problem *problem, bool *leads_out)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = problem->order_count; i-- > 0;) {
            uint32_t block = problem->order[i];
            bool leads = leads_out[block];
            for (size_t k = problem->first_ways[block]; k < problem->first_ways[block + 1]; k++)
                leads = leads || leads_out[problem->ways[k].to];
            changed = changed || leads != leads_out[block];
            leads_out[block] = leads;
        }
    }
}

/* Blocks that nothing leaves, and of loops that never end the last one. */
static void find_exits(struct flow_problem *problem, bool *leads_out)
{
    for (uint32_t i = 0; i < problem->block_count; i++)
        leads_out[i] = problem->is_exit[i] = ways_of(problem, i) == 0;
    spread(problem, leads_out);
    for (uint32_t i = problem->order_count; i-- > 0;) {
        uint32_t block = problem->order[i];
        if (leads_out[block])
            continue;
        leads_out[block] = problem->is_exit[block] = true;
        spread(problem, leads_out);
    }
}

/* As was seen; else all ways the same, but nothing for what is unlikely. */
static void split(struct flow_problem *problem, uint32_t block)
{
    struct flow_way *ways = &problem->ways[problem->first_ways[block]];
    bool is_invoke = block_at(problem, block)->end == IR_END_INVOKE;
    size_t count = ways_of(problem, block), likely = 0;
    double seen = 0;
    for (size_t i = 0; i < count; i++)
        seen += (double)ways[i].seen;
    bool is_seen = seen >= LEAST_SEEN && 2 * seen >= (double)problem->weights[block].count;
    for (size_t i = 0; is_seen && i < count; i++) {
        ways[i].share = (double)ways[i].seen / seen;
        ways[i].is_seen = true;
    }
    if (is_seen)
        return;
    for (size_t i = 0; i < count; i++) {
        ways[i].share = problem->is_dead[ways[i].to] || (is_invoke && i == 1) ? 0 : 1;
        likely += ways[i].share > 0;
    }
    for (size_t i = 0; i < count; i++)
        ways[i].is_unlikely = likely > 0 && ways[i].share == 0;
    for (size_t i = 0; i < count; i++)
        ways[i].share = (likely > 0 ? ways[i].share : 1) / (double)(likely > 0 ? likely : count);
}

/* Before anything is solved: weights, and what comes to blocks without one. */
static void expect_as_weighed(struct flow_problem *problem)
{
    for (uint32_t i = 0; i < problem->block_count; i++)
        problem->expected[i] = 0;
    for (uint32_t i = 0; i < problem->order_count; i++) {
        uint32_t block = problem->order[i];
        size_t ways = ways_of(problem, block);
        if (problem->weights[block].source != WEIGHT_UNKNOWN)
            problem->expected[block] = (double)problem->weights[block].count;
        for (size_t k = problem->first_ways[block]; k < problem->first_ways[block + 1]; k++) {
            double share = problem->ways[k].share >= 0 ? problem->ways[k].share : 1 / (double)ways;
            problem->expected[problem->ways[k].to] += share * problem->expected[block];
        }
    }
}

/* --- the network
 * ------------------------------------------------------------------------------------ */

static bool add_arc(struct flow_problem *problem, uint32_t from, uint32_t to, int64_t capacity,
                    int64_t cost, struct error *error)
{
    return network_add(&problem->network, from, to, capacity, cost, error);
}

/* What a block costs below its weight and above it. */
static void costs_of(const struct flow_problem *problem, uint32_t block, int64_t *less,
                     int64_t *more)
{
    *less = COST_LESS;
    *more = COST_MORE;
    if (block == 0) {
        *less = COST_FEWER_ENTRIES;
        *more = COST_MORE_ENTRIES;
    } else if (problem->weights[block].count == 0) {
        *more = COST_MORE_THAN_NONE;
    }
    if (problem->weights[block].source == WEIGHT_LOST_CALL)
        *less = 0; /* no more than all calls that were made one */
    *less = *less * confidence[problem->weights[block].source] / 1000;
    *more = *more * confidence[problem->weights[block].source] / 1000;
}

/* A block is an arc from its beginning to its end. */
static bool add_block(struct flow_problem *problem, uint32_t block, struct error *error)
{
    const struct block_weight *weight = &problem->weights[block];
    int64_t count = weight->count < MOST_COUNT ? (int64_t)weight->count : MOST_COUNT;
    int64_t less, more;
    problem->first_arcs[block] = problem->network.arc_count;
    if (weight->source == WEIGHT_UNKNOWN)
        return add_arc(problem, 2 * block, 2 * block + 1, NETWORK_UNLIMITED, COST_WAY, error);
    costs_of(problem, block, &less, &more);
    return (count == 0 || add_arc(problem, 2 * block, 2 * block + 1, count, -less, error)) &&
           add_arc(problem, 2 * block, 2 * block + 1, NETWORK_UNLIMITED, more + COST_WAY, error);
}

static bool add_way(struct flow_problem *problem, const struct flow_way *way, struct error *error)
{
    uint32_t from = 2 * way->from + 1;
    uint32_t to = 2 * way->to;
    double whole = problem->expected[way->from];
    if (way->is_unlikely)
        return add_arc(problem, from, to, NETWORK_UNLIMITED, COST_UNLIKELY, error);
    if (way->share < 0 || whole < 1)
        return add_arc(problem, from, to, NETWORK_UNLIMITED, COST_WAY, error);
    int64_t cost = way->is_seen ? COST_SEEN : COST_EVEN;
    int64_t share = (int64_t)((whole < MOST_COUNT ? whole : MOST_COUNT) * way->share + 0.5);
    return (share == 0 || add_arc(problem, from, to, share, COST_WAY - cost, error)) &&
           add_arc(problem, from, to, NETWORK_UNLIMITED, COST_WAY + cost, error);
}

/* Nodes: each block's beginning and end, and all that is outside of the function. */
static bool build_network(struct flow_problem *problem, struct error *error)
{
    uint32_t outside = 2 * problem->block_count;
    bool done = true;
    network_free(&problem->network);
    problem->network = (struct network){.node_count = outside + 1};
    for (uint32_t i = 0; done && i < problem->block_count; i++)
        done = add_block(problem, i, error);
    problem->first_arcs[problem->block_count] = problem->network.arc_count;
    for (size_t i = 0; done && i < problem->way_count; i++)
        done = add_way(problem, &problem->ways[i], error);
    done = done && add_arc(problem, outside, 0, NETWORK_UNLIMITED, COST_WAY, error);
    for (uint32_t i = 0; done && i < problem->block_count; i++) {
        if (problem->is_exit[i])
            done = add_arc(problem, 2 * i + 1, outside, NETWORK_UNLIMITED, COST_WAY, error);
    }
    return done;
}

/* Takes the answer over; whether it is another than the last one. */
static bool take_answer(struct flow_problem *problem)
{
    bool changed = false;
    for (uint32_t i = 0; i < problem->block_count; i++) {
        int64_t count = 0;
        for (size_t k = problem->first_arcs[i]; k < problem->first_arcs[i + 1]; k++)
            count += problem->network.arcs[k].flow;
        changed = changed || problem->counts[i] != (uint64_t)count;
        problem->counts[i] = (uint64_t)count;
        problem->expected[i] = (double)count;
    }
    return changed;
}

/* --- all of it
 * ----------------------------------------------------------------------------------------- */

static bool make_room(struct flow_problem *problem, struct error *error)
{
    size_t count = (size_t)problem->block_count + 1;
    size_t edges =
        block_at(problem, problem->block_count)->first_edge - block_at(problem, 0)->first_edge;
    problem->ways = calloc(edges + 1, sizeof(*problem->ways));
    problem->first_ways = calloc(count, sizeof(*problem->first_ways));
    problem->is_dead = calloc(count, sizeof(*problem->is_dead));
    problem->is_exit = calloc(count, sizeof(*problem->is_exit));
    problem->order = calloc(count, sizeof(*problem->order));
    problem->expected = calloc(count, sizeof(*problem->expected));
    problem->first_arcs = calloc(count, sizeof(*problem->first_arcs));
    if (problem->ways && problem->first_ways && problem->is_dead && problem->is_exit &&
        problem->order && problem->expected && problem->first_arcs)
        return true;
    return memory_exhausted(error);
}

static bool find_graph(struct flow_problem *problem, struct error *error)
{
    uint32_t *blocks = calloc((size_t)problem->block_count + 1, sizeof(*blocks));
    size_t *ways = calloc((size_t)problem->block_count + 1, sizeof(*ways));
    bool *flags = calloc((size_t)problem->block_count + 1, sizeof(*flags));
    bool done = blocks && ways && flags;
    if (done) {
        collect_ways(problem, blocks);
        find_order(problem, blocks, ways);
        find_dead(problem);
        find_exits(problem, flags);
        for (uint32_t i = 0; i < problem->block_count; i++)
            split(problem, i);
    } else {
        memory_exhausted(error);
    }
    free(blocks);
    free(ways);
    free(flags);
    return done;
}

static bool solve(struct flow_problem *problem, struct error *error)
{
    bool done = true, changed = true, is_best;
    expect_as_weighed(problem);
    for (int round = 0; done && changed && round < ROUNDS; round++) {
        done = build_network(problem, error) &&
               network_solve(&problem->network, WORK / ROUNDS, &is_best, error);
        changed = done && take_answer(problem);
    }
    return done;
}

bool block_flow_solve(const struct ir_program *program, const struct ir_function *function,
                      const struct block_weight *weights, const uint64_t *seen, uint64_t *counts,
                      struct error *error)
{
    struct flow_problem problem = {.program = program,
                                   .function = function,
                                   .weights = weights,
                                   .seen = seen,
                                   .block_count = function->block_count,
                                   .counts = counts};
    memset(counts, 0, function->block_count * sizeof(*counts));
    bool done = make_room(&problem, error) && find_graph(&problem, error) && solve(&problem, error);
    network_free(&problem.network);
    free(problem.ways);
    free(problem.first_ways);
    free(problem.is_dead);
    free(problem.is_exit);
    free(problem.order);
    free(problem.expected);
    free(problem.first_arcs);
    return done;
}

void block_flow_add_residual(const struct block_weight *weights, const uint64_t *counts,
                             uint32_t block_count, struct block_flow_residual *residual)
{
    for (uint32_t i = 0; i < block_count; i++) {
        uint64_t weight = weights[i].count;
        if (weights[i].source != WEIGHT_OWN)
            continue;
        residual->all = count_add(residual->all, weight);
        residual->off =
            count_add(residual->off, weight > counts[i] ? weight - counts[i] : counts[i] - weight);
    }
}
