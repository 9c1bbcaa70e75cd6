/*
 * What a binary's counts say of the blocks that a compiler had when it put counters in: each
 * block has instructions with positions, and the binary has counts of positions.
 */
#ifndef ANALYZER_MODEL_COUNTERS_BLOCK_WEIGHTS_H
#define ANALYZER_MODEL_COUNTERS_BLOCK_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counters/position_counts.h"
#include "analyzer/model/ir/ir_program.h"

/* Where the weight of a block is from. */
enum weight_source {
    WEIGHT_UNKNOWN,   /* the binary has none of its positions */
    WEIGHT_OWN,       /* a position that no other block of the function has */
    WEIGHT_SHARED,    /* a position that other blocks have too */
    WEIGHT_OUTLINED,  /* it was inlined before the counters, and is called in the binary */
    WEIGHT_LOST_CALL, /* it calls a function, and no code of the call is left */
    WEIGHT_ENTRIES,   /* calls of the function */
    WEIGHT_SOURCES
};

struct block_weight {
    enum weight_source source;
    uint64_t count;
};

struct block_weigher;

/* All must outlive it.  NULL with ERROR_MEMORY; block_weigher_free takes NULL. */
struct block_weigher *block_weigher_new(const struct ir_program *program,
                                        const struct position_counts *counts, struct error *error);
void block_weigher_free(struct block_weigher *weigher);

/* Fills in a weight for each block of a function.  ERROR_MEMORY. */
bool block_weights_find(struct block_weigher *weigher, const struct ir_function *function,
                        struct block_weight *weights, struct error *error);

/* The function as source text has it, or POSITION_NONE where no position is known. */
uint32_t block_weights_source_function(const struct ir_program *program,
                                       const struct ir_function *function);

#endif
