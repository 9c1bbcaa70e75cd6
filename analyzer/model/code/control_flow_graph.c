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

struct graph_builder {
    struct control_flow_graph *graph;
    const struct binary *binary;
    struct decoder *decoder;
    const struct function *function;
    struct error *error;
};

static bool add_edge(struct graph_builder *builder, struct flow_edge edge)
{
    struct control_flow_graph *graph = builder->graph;
    if (!memory_reserve(&graph->edges, &graph->edge_capacity, graph->edge_count + 1, sizeof(edge),
                        builder->error))
        return false;
    graph->edges[graph->edge_count++] = edge;
    return true;
}

static uint32_t block_at(const struct graph_builder *builder, uint64_t address)
{
    ptrdiff_t block = blocks_at(&builder->graph->blocks, address);
    return block < 0 ? FLOW_OUTSIDE : (uint32_t)block;
}

/* --- edges ---------------------------------------------------------------------- */

/*
 * The tables that the jump may read.  Where blocks.c does not find its own,
 * all tables of the function that were found for no jump.
 */
static bool add_table_edges(struct graph_builder *builder, uint32_t block, uint64_t jump)
{
    struct control_flow_graph *graph = builder->graph;
    const struct blocks *blocks = &graph->blocks;
    uint8_t *seen = calloc(blocks->count + 1, 1);
    size_t first = graph->edge_count;
    bool has_own = false;
    bool done = seen != NULL;
    if (!done)
        return memory_exhausted(builder->error);
    for (size_t i = 0; i < blocks->table_count; i++)
        has_own = has_own || blocks->tables[i].jump == jump;
    for (size_t i = 0; done && i < blocks->table_count; i++) {
        const struct jump_table *table = &blocks->tables[i];
        if (table->jump != (has_own ? jump : 0))
            continue;
        for (size_t entry = 0; done && entry < table->count; entry++) {
            uint64_t target = blocks->targets[table->first + entry];
            uint32_t to = block_at(builder, target);
            if (to == FLOW_OUTSIDE || seen[to])
                continue;
            seen[to] = 1;
            done = add_edge(builder, (struct flow_edge){block, to, FLOW_TABLE, jump, target, 0});
        }
    }
    free(seen);
    for (size_t i = first; i < graph->edge_count; i++)
        graph->edges[i].probability = 1.0f / (float)(graph->edge_count - first);
    if (done && graph->edge_count == first)
        done = add_edge(builder, (struct flow_edge){block, FLOW_UNKNOWN, FLOW_RETURN, jump, 0, 1});
    return done;
}

static bool add_branch(struct graph_builder *builder, uint32_t block,
                       const struct instruction *instruction)
{
    struct flow_edge edge = {.from = block,
                             .to = block_at(builder, instruction->target),
                             .branch = instruction->address,
                             .target = instruction->target,
                             .probability = 1};
    switch (instruction->kind) {
    case INSTRUCTION_CONDITIONAL:
        edge.kind = FLOW_CONDITIONAL;
        edge.probability =
            instruction->target <= instruction->address ? PROBABILITY_LOOP : PROBABILITY_FORWARD;
        return add_edge(builder, edge);
    case INSTRUCTION_JUMP:
        if (instruction->is_indirect)
            return add_table_edges(builder, block, instruction->address);
        edge.kind = FLOW_JUMP;
        return add_edge(builder, edge);
    case INSTRUCTION_RETURN:
        edge.kind = FLOW_RETURN;
        edge.to = FLOW_OUTSIDE;
        edge.target = 0;
        return add_edge(builder, edge);
    default:
        return true;
    }
}

static bool is_padding(const struct graph_builder *builder, const struct instruction *instruction)
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

static bool never_returns(const struct graph_builder *builder, uint64_t target)
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

static bool add_block(struct graph_builder *builder, uint32_t number)
{
    struct control_flow_graph *graph = builder->graph;
    const struct block *block = &graph->blocks.items[number];
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
                (struct flow_call){number, address, instruction.target};
        } else if (!add_branch(builder, number, &instruction)) {
            return false;
        }
    }
    if (!block->falls_through)
        return true;
    /* What ends the program does not go on, nor does what the function ends with. */
    if (ends || number + 1 == graph->blocks.count)
        return add_edge(builder, (struct flow_edge){number, FLOW_OUTSIDE, FLOW_RETURN, block->last,
                                                    0, PROBABILITY_NEVER});
    return add_edge(builder, (struct flow_edge){number, number + 1, FLOW_FALL_THROUGH, block->last,
                                                block->end, 1});
}

/* --- likelihood ------------------------------------------------------------------- */

static bool is_cold(const struct graph_builder *builder, uint64_t target)
{
    const struct function *function = binary_function_at(builder->binary, target);
    return function && strstr(function->name, ".cold");
}

/* Blocks that end the program or throw, and those that can only go on to such. */
static void mark_never(const struct graph_builder *builder, uint8_t *never)
{
    const struct control_flow_graph *graph = builder->graph;
    bool changed = true;
    for (size_t i = 0; i < graph->call_count; i++) {
        if (graph->calls[i].target && never_returns(builder, graph->calls[i].target))
            never[graph->calls[i].block] = 1;
    }
    for (int round = 0; changed && round < 4; round++) {
        changed = false;
        for (size_t end = graph->edge_count, block = graph->blocks.count; block-- > 0;) {
            size_t first = end;
            bool all = true;
            while (first > 0 && graph->edges[first - 1].from == block)
                first--;
            for (size_t i = first; i < end; i++) {
                const struct flow_edge *edge = &graph->edges[i];
                all = all && (edge->to < FLOW_UNKNOWN
                                  ? never[edge->to]
                                  : edge->to == FLOW_OUTSIDE && is_cold(builder, edge->target));
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
static void share(struct flow_edge *edges, size_t count, const uint8_t *never)
{
    float left = 1;
    float total = 0;
    for (size_t i = 0; i < count; i++) {
        float own = edges[i].probability;
        if (edges[i].kind == FLOW_TABLE)
            edges[i].probability = own * left;
        else
            edges[i].probability = edges[i].kind == FLOW_CONDITIONAL ? own * left : left;
        if (edges[i].kind == FLOW_CONDITIONAL)
            left -= edges[i].probability;
        if (edges[i].to < FLOW_UNKNOWN && never[edges[i].to])
            edges[i].probability *= PROBABILITY_NEVER;
        total += edges[i].probability;
    }
    for (size_t i = 0; i < count && total > 0; i++)
        edges[i].probability /= total;
}

static bool estimate(struct graph_builder *builder)
{
    struct control_flow_graph *graph = builder->graph;
    uint8_t *never = calloc(graph->blocks.count + 1, 1);
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

bool control_flow_graph_build(struct control_flow_graph *graph, const struct binary *binary,
                              struct decoder *decoder, const struct function *function,
                              const uint64_t *leaders, size_t leader_count, struct error *error)
{
    struct graph_builder builder = {graph, binary, decoder, function, error};
    *graph = (struct control_flow_graph){0};
    if (!blocks_build(&graph->blocks, binary, decoder, function, leaders, leader_count, error))
        return false;
    graph->instructions = calloc(graph->blocks.count + 1, sizeof(*graph->instructions));
    if (!graph->instructions)
        return memory_exhausted(error);
    for (uint32_t i = 0; i < graph->blocks.count; i++) {
        if (!add_block(&builder, i))
            return false;
    }
    return estimate(&builder);
}

void control_flow_graph_free(struct control_flow_graph *graph)
{
    blocks_free(&graph->blocks);
    free(graph->instructions);
    free(graph->edges);
    free(graph->calls);
    *graph = (struct control_flow_graph){0};
}
