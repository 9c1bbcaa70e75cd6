/*
 * How often each way out of a block was seen to be taken: by branches of the binary at the position
 * that the block ends with.  A branch's sides are told apart by the blocks that they come to
 * soonest, so that ways are known whose own blocks have no code of their own left.
 */
#ifndef ANALYZER_MODEL_COUNTERS_WAY_COUNTS_H
#define ANALYZER_MODEL_COUNTERS_WAY_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counters/block_weights.h"
#include "analyzer/model/counters/position_branches.h"
#include "analyzer/model/ir/ir_program.h"

struct way_counter;

/* All must outlive it.  NULL with ERROR_MEMORY; way_counter_free takes NULL. */
struct way_counter *way_counter_new(const struct ir_program *program,
                                    const struct block_weigher *weigher,
                                    const struct position_branches *branches, struct error *error);
void way_counter_free(struct way_counter *counter);

/*
 * Fills in a count for each edge of a function, in `ways` by number in the program; of a block
 * whose ways are not known all are 0.  And in `ends`, by number of the block, how often all
 * branches that a block ends with ran, in whatever copies a loop was unrolled into; 0: not known.
 * ERROR_MEMORY.
 */
bool way_counts_find(struct way_counter *counter, const struct ir_function *function,
                     uint64_t *ways, uint64_t *ends, struct error *error);

#endif
