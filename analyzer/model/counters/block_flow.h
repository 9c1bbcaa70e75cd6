/*
 * Counts of a function's blocks that fit together: as much leaves each block as comes to it,
 * and what is known of blocks is kept as far as can be.  The cheapest circulation in a network
 * (analyzer/model/counts/network_simplex.h), where it costs to be off a weight, the less the
 * less the weight is sure.  What is not known is split evenly between the ways, but for those
 * that only something thrown takes or that end where the program never should.
 */
#ifndef ANALYZER_MODEL_COUNTERS_BLOCK_FLOW_H
#define ANALYZER_MODEL_COUNTERS_BLOCK_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counters/block_weights.h"
#include "analyzer/model/ir/ir_program.h"

/* How far counts are from weights that are the blocks' own. */
struct block_flow_residual {
    uint64_t off; /* sum of differences */
    uint64_t all; /* sum of the weights */
};

/*
 * Fills in a count for each block.  The same function and weights always give the same counts.
 * Adds to `residual`.  ERROR_MEMORY.
 */
bool block_flow_solve(const struct ir_program *program, const struct ir_function *function,
                      const struct block_weight *weights, uint64_t *counts,
                      struct block_flow_residual *residual, struct error *error);

#endif
