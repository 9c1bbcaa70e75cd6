#include "analyzer/model/code/control_flow_graph.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

/*
 * How likely a conditional branch is to be taken, as far as code alone tells:
 * loops go on (Ball and Larus, "Branch prediction for free", PLDI 1993, as
 * probabilities: Wu and Larus, MICRO 1994), what ends the program or was moved
 * away as cold is not come to, and of the rest compilers let the likelier side
 * follow.
 */
#define PROBABILITY_LOOP 0.7f
#define PROBABILITY_FORWARD 0.3f
#define PROBABILITY_NEVER 0.004f

struct builder {
    struct graph *graph;
    const struct binary *binary;
    struct decoder *decoder;
    const struct function *function;
    struct error *error;
};

static bool add_edge(struct builder *builder, struct graph_edge edge)
{
    struct graph *graph = builder->graph;
    if (!memory_reserve(&graph->edges, &graph->edge_capacity, graph->edge_count + 1, sizeof(edge),
                        builder->error))
        return false;
    graph->edges[graph->edge_count++] = edge;
    return true;
}

static uint32_t block_at(const struct builder *builder, uint64_t address)
{
    ptrdiff_t block = flow_block_at(&builder->graph->flow, address);
    return block < 0 ? GRAPH_OUTSIDE : (uint32_t)block;
}

/* --- edges ---------------------------------------------------------------------- */

/*
 * The tables that the jump may read.  Where flow.c does not find its own,
 * all tables of the function that were found for no jump.
 */
static bool add_table_edges(struct builder *builder, uint32_t block, uint64_t jump)
{
    struct graph *graph = builder->graph;
    const struct flow *flow = &graph->flow;
    uint8_t *seen = calloc(flow->block_count + 1, 1);
    size_t first = graph->edge_count;
    bool has_own = false;
    bool done = seen != NULL;
    if (!done)
        return memory_exhausted(builder->error);
    for (size_t i = 0; i < flow->table_count; i++)
        has_own = has_own || flow->tables[i].jump == jump;
    for (size_t i = 0; done && i < flow->table_count; i++) {
        const struct jump_table *table = &flow->tables[i];
        if (table->jump != (has_own ? jump : 0))
            continue;
        for (size_t entry = 0; done && entry < table->count; entry++) {
            uint64_t target = flow->targets[table->first + entry];
            uint32_t to = block_at(builder, target);
            if (to == GRAPH_OUTSIDE || seen[to])
                continue;
            seen[to] = 1;
            done = add_edge(builder, (struct graph_edge){block, to, GRAPH_TABLE, jump, target, 0});
        }
    }
    free(seen);
    for (size_t i = first; i < graph->edge_count; i++)
        graph->edges[i].probability = 1.0f / (float)(graph->edge_count - first);
    if (done && graph->edge_count == first)
        done =
            add_edge(builder, (struct graph_edge){block, GRAPH_UNKNOWN, GRAPH_RETURN, jump, 0, 1});
    return done;
}

static bool add_branch(struct builder *builder, uint32_t block,
                       const struct instruction *instruction)
{
    struct graph_edge edge = {.from = block,
                              .to = block_at(builder, instruction->target),
                              .branch = instruction->address,
                              .target = instruction->target,
                              .probability = 1};
    switch (instruction->kind) {
    case INSTRUCTION_CONDITIONAL:
        edge.kind = GRAPH_CONDITIONAL;
        edge.probability =
            instruction->target <= instruction->address ? PROBABILITY_LOOP : PROBABILITY_FORWARD;
        return add_edge(builder, edge);
    case INSTRUCTION_JUMP:
        if (instruction->is_indirect)
            return add_table_edges(builder, block, instruction->address);
        edge.kind = GRAPH_JUMP;
        return add_edge(builder, edge);
    case INSTRUCTION_RETURN:
        edge.kind = GRAPH_RETURN;
        edge.to = GRAPH_OUTSIDE;
        edge.target = 0;
        return add_edge(builder, edge);
    default:
        return true;
    }
}

static bool is_padding(const struct builder *builder, const struct instruction *instruction)
{
    size_t size;
    const uint8_t *bytes = binary_code_at(builder->binary, instruction->address, &size);
    size_t prefix = 0;
    while (prefix < instruction->size && (bytes[prefix] == 0x66 || bytes[prefix] == 0x2e))
        prefix++;
    if (prefix + 1 == instruction->size && bytes[prefix] == 0x90)
        return true;
    return prefix + 1 < instruction->size && bytes[prefix] == 0x0f && bytes[prefix + 1] == 0x1f;
}

static bool never_returns(const struct builder *builder, uint64_t target)
{
    static const char *const names[] = {
        "abort",           "exit",        "_exit",         "__assert_fail",  "__stack_chk_fail",
        "__chk_fail",      "__cxa_throw", "__cxa_rethrow", "__cxa_bad_cast", "_Unwind_Resume",
        "_ZSt9terminatev", "longjmp",     "__longjmp_chk", "siglongjmp",
    };
    const struct function *function = binary_function_at(builder->binary, target);
    if (!function || function->address != target)
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t size = strlen(names[i]);
        if (strncmp(function->name, names[i], size) == 0 &&
            (function->name[size] == '\0' || function->name[size] == '@'))
            return true;
    }
    return strncmp(function->name, "_ZSt", 4) == 0 && strstr(function->name, "__throw_");
}

static bool add_block(struct builder *builder, uint32_t number)
{
    struct graph *graph = builder->graph;
    const struct block *block = &graph->flow.blocks[number];
    struct instruction instruction;
    bool ends = false; /* by the last call */
    for (uint64_t address = block->start;
         address < block->end && decoder_decode(builder->decoder, address, &instruction);
         address += instruction.size) {
        if (!is_padding(builder, &instruction))
            graph->instructions[number]++;
        if (instruction.kind == INSTRUCTION_CALL) {
            ends = instruction.target && never_returns(builder, instruction.target);
            if (!memory_reserve(&graph->calls, &graph->call_capacity, graph->call_count + 1,
                                sizeof(*graph->calls), builder->error))
                return false;
            graph->calls[graph->call_count++] =
                (struct graph_call){number, address, instruction.target};
        } else if (!add_branch(builder, number, &instruction)) {
            return false;
        }
    }
    if (!block->falls_through)
        return true;
    /* What ends the program does not go on, nor does what the function ends with. */
    if (ends || number + 1 == graph->flow.block_count)
        return add_edge(builder, (struct graph_edge){number, GRAPH_OUTSIDE, GRAPH_RETURN,
                                                     block->last, 0, PROBABILITY_NEVER});
    return add_edge(builder, (struct graph_edge){number, number + 1, GRAPH_FALL_THROUGH,
                                                 block->last, block->end, 1});
}

/* --- likelihood ------------------------------------------------------------------- */

static bool is_cold(const struct builder *builder, uint64_t target)
{
    const struct function *function = binary_function_at(builder->binary, target);
    return function && strstr(function->name, ".cold");
}

/* Blocks that end the program or throw, and those that can only go on to such. */
static void mark_never(const struct builder *builder, uint8_t *never)
{
    const struct graph *graph = builder->graph;
    bool changed = true;
    for (size_t i = 0; i < graph->call_count; i++) {
        if (graph->calls[i].target && never_returns(builder, graph->calls[i].target))
            never[graph->calls[i].block] = 1;
    }
    for (int round = 0; changed && round < 4; round++) {
        changed = false;
        for (size_t end = graph->edge_count, block = graph->flow.block_count; block-- > 0;) {
            size_t first = end;
            bool all = true;
            while (first > 0 && graph->edges[first - 1].from == block)
                first--;
            for (size_t i = first; i < end; i++) {
                const struct graph_edge *edge = &graph->edges[i];
                all = all && (edge->to < GRAPH_UNKNOWN
                                  ? never[edge->to]
                                  : edge->to == GRAPH_OUTSIDE && is_cold(builder, edge->target));
            }
            if (all && !never[block]) {
                never[block] = 1;
                changed = true;
            }
            end = first;
        }
    }
}

/* A block's ways out, each with its own likelihood, share 1. */
static void share(struct graph_edge *edges, size_t count, const uint8_t *never)
{
    float left = 1;
    float total = 0;
    for (size_t i = 0; i < count; i++) {
        float own = edges[i].probability;
        if (edges[i].kind == GRAPH_TABLE)
            edges[i].probability = own * left;
        else
            edges[i].probability = edges[i].kind == GRAPH_CONDITIONAL ? own * left : left;
        if (edges[i].kind == GRAPH_CONDITIONAL)
            left -= edges[i].probability;
        if (edges[i].to < GRAPH_UNKNOWN && never[edges[i].to])
            edges[i].probability *= PROBABILITY_NEVER;
        total += edges[i].probability;
    }
    for (size_t i = 0; i < count && total > 0; i++)
        edges[i].probability /= total;
}

static bool estimate(struct builder *builder)
{
    struct graph *graph = builder->graph;
    uint8_t *never = calloc(graph->flow.block_count + 1, 1);
    if (!never)
        return memory_exhausted(builder->error);
    mark_never(builder, never);
    for (size_t first = 0, end; first < graph->edge_count; first = end) {
        for (end = first;
             end < graph->edge_count && graph->edges[end].from == graph->edges[first].from;)
            end++;
        share(&graph->edges[first], end - first, never);
    }
    free(never);
    return true;
}

bool graph_build(struct graph *graph, const struct binary *binary, struct decoder *decoder,
                 const struct function *function, const uint64_t *leaders, size_t leader_count,
                 struct error *error)
{
    struct builder builder = {graph, binary, decoder, function, error};
    *graph = (struct graph){0};
    if (!flow_build(&graph->flow, binary, decoder, function, leaders, leader_count, error))
        return false;
    graph->instructions = calloc(graph->flow.block_count + 1, sizeof(*graph->instructions));
    if (!graph->instructions)
        return memory_exhausted(error);
    for (uint32_t i = 0; i < graph->flow.block_count; i++) {
        if (!add_block(&builder, i))
            return false;
    }
    return estimate(&builder);
}

void graph_free(struct graph *graph)
{
    flow_free(&graph->flow);
    free(graph->instructions);
    free(graph->edges);
    free(graph->calls);
    *graph = (struct graph){0};
}
