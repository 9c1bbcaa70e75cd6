/*
 * A function's control-flow graph: its blocks, how many instructions each has, where each
 * may go on, and what it calls.
 */
#ifndef ANALYZER_MODEL_CODE_CONTROL_FLOW_GRAPH_H
#define ANALYZER_MODEL_CODE_CONTROL_FLOW_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/code/blocks.h"

/* A block number that stands for all code outside the function. */
#define FLOW_OUTSIDE UINT32_MAX
/* One that stands for wherever an indirect jump without a table may lead. */
#define FLOW_UNKNOWN (UINT32_MAX - 1)

enum flow_edge_kind {
    FLOW_FALL_THROUGH,
    FLOW_CONDITIONAL, /* a conditional branch that is taken */
    FLOW_JUMP,
    FLOW_TABLE,  /* one of the places that an indirect jump leads to */
    FLOW_RETURN, /* or a jump to what no table tells */
};

struct flow_edge {
    uint32_t from, to; /* blocks, or one of the above */
    enum flow_edge_kind kind;
    uint64_t branch;   /* the instruction; the block's last where nothing branches */
    uint64_t target;   /* an address; 0 where it is not known */
    float probability; /* of leaving the block this way, by the code alone; they add up to 1 */
};

/* A call out of a block; target 0 where it is indirect. */
struct flow_call {
    uint32_t block;
    uint64_t call;
    uint64_t target;
};

struct control_flow_graph {
    struct blocks blocks;
    uint32_t *instructions;  /* how many each block has; padding is none */
    struct flow_edge *edges; /* by from, in the order of the code */
    size_t edge_count, edge_capacity;
    struct flow_call *calls; /* by address */
    size_t call_count, call_capacity;
};

/*
 * Builds the graph of a function; `leaders` as for blocks_build.  The caller frees
 * it with control_flow_graph_free, also after a failure.
 */
bool control_flow_graph_build(struct control_flow_graph *graph, const struct binary *binary,
                              struct decoder *decoder, const struct function *function,
                              const uint64_t *leaders, size_t leader_count, struct error *error);
void control_flow_graph_free(struct control_flow_graph *graph);

#endif
