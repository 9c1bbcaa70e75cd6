/*
 * How often each block of a program ran that a compiler had when it put counters in: what the
 * binary's code says of each function, then what its callers know of its entries.
 */
#ifndef ANALYZER_MODEL_COUNTERS_BLOCK_COUNTS_H
#define ANALYZER_MODEL_COUNTERS_BLOCK_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counters/block_weights.h"
#include "analyzer/model/counters/position_branches.h"
#include "analyzer/model/counters/position_counts.h"
#include "analyzer/model/ir/ir_program.h"

/* Whether what ran of a function was found in its blocks. */
enum function_state { FUNCTION_WITHOUT_SAMPLES, FUNCTION_MAPPED, FUNCTION_UNMAPPED };

/* Begins as {0}. */
struct block_counts {
    struct block_weight *weights; /* by number of the block in the program */
    uint64_t *counts;             /* likewise */
    enum function_state *states;  /* by number of the function */
};

/*
 * `ran` says by number of the function whether the binary's symbol of that name ran.  ERROR_MEMORY.
 * The caller frees it, also after a failure.
 */
bool block_counts_find(struct block_counts *result, const struct ir_program *program,
                       const struct position_counts *positions,
                       const struct position_branches *branches, const uint64_t *ran,
                       struct error *error);
void block_counts_free(struct block_counts *counts);

/* The largest weight of a function's blocks, but for what calls at most may have been. */
uint64_t block_counts_hottest(const struct block_counts *counts,
                              const struct ir_function *function);

#endif
