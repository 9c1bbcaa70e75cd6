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

/*
 * Fills in a count for each block.  `seen` says how often each way was seen to be taken, by number
 * of the edge in the program; NULL: nothing is known of that.  The same function and weights always
 * give the same counts.  ERROR_MEMORY.
 */
bool block_flow_solve(const struct ir_program *program, const struct ir_function *function,
                      const struct block_weight *weights, const uint64_t *seen, uint64_t *counts,
                      struct error *error);

/* How far counts are from weights that are the blocks' own. */
struct block_flow_residual {
    uint64_t off; /* sum of differences */
    uint64_t all; /* sum of the weights */
};
void block_flow_add_residual(const struct block_weight *weights, const uint64_t *counts,
                             uint32_t block_count, struct block_flow_residual *residual);

#endif
