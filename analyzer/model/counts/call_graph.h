/*
 * Which functions of a binary called which, how often, and how hot they are; and an order
 * for them in memory.
 */
#ifndef ANALYZER_MODEL_COUNTS_CALL_GRAPH_H
#define ANALYZER_MODEL_COUNTS_CALL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

struct call_node {
    const struct function *function;
    uint64_t weight; /* samples in it; where there are none at all, runs that begin in it */
};

struct call_edge {
    uint32_t caller, callee; /* indices of nodes, which differ */
    uint64_t count;
};

struct call_graph {
    struct call_node *nodes; /* functions that ran, by address */
    size_t node_count, node_capacity;
    struct call_edge *edges; /* by callee, then by caller, which are unique together */
    size_t edge_count, edge_capacity;
};

/*
 * Of one module of a normalised profile; entries of the procedure linkage table
 * are no functions.  A branch to the beginning of another function is a call.
 * The caller frees with call_graph_free, also after a failure.
 */
bool call_graph_build(struct call_graph *graph, const struct profile *profile, uint32_t module,
                      const struct binary *binary, struct error *error);
void call_graph_free(struct call_graph *graph);

/*
 * Numbers of all nodes in an order that puts callers right before the functions
 * that they call most and the hottest code first: call-chain clustering (C3) of
 * Ottoni and Maher, "Optimizing Function Placement for Large-Scale Data-Center
 * Applications", CGO 2017.  NULL with ERROR_MEMORY; the caller frees it.
 */
uint32_t *call_graph_order(const struct call_graph *graph, struct error *error);

#endif
