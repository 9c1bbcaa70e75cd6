/*
 * The cheapest circulation in a network: how much goes along each arc so that as much
 * leaves every node as comes to it and no arc carries more than it can.  Arcs of negative
 * cost are what makes anything go round.
 *
 * Primal network simplex with strongly feasible trees (Cunningham 1976; Ahuja,
 * Magnanti, Orlin, "Network Flows", 1993, chapter 11), and the entering arc
 * chosen by searching blocks of arcs.  Every step leaves a circulation, so that
 * it can stop at any time: work is bounded.
 */
#ifndef ANALYZER_MODEL_COUNTS_NETWORK_SIMPLEX_H
#define ANALYZER_MODEL_COUNTS_NETWORK_SIMPLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

/* Where costs are positive all around, what an arc without a limit can carry. */
#define NETWORK_UNLIMITED (INT64_MAX / 4)

struct network_arc {
    uint32_t from, to; /* nodes */
    int64_t capacity;  /* 0 and more */
    int64_t cost;      /* per unit; sums along any path must fit in 62 bits */
    int64_t flow;      /* the answer */
    int state;         /* network_simplex.c's own */
};

/* Begins as {.node_count = N}. */
struct network {
    uint32_t node_count;
    struct network_arc *arcs;
    size_t arc_count, arc_capacity;
};

/* Adds an arc; its number is arc_count before.  ERROR_MEMORY. */
bool network_add(struct network *network, uint32_t from, uint32_t to, int64_t capacity,
                 int64_t cost, struct error *error);

/*
 * Fills in the flows.  Any cycle of negative cost must have an arc with a limit.
 * `work` bounds the steps, counted in nodes and arcs that are looked at; whether
 * it was enough for the best answer is in *is_best.  The same network always
 * gives the same flows.  ERROR_MEMORY.
 */
bool network_solve(struct network *network, uint64_t work, bool *is_best, struct error *error);

void network_free(struct network *network);

#endif
