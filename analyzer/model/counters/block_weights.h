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
    WEIGHT_CALLERS,   /* blocks that call the function (lost_entries.h) */
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

/*
 * Fills in a weight for each block of a function, and in `executions` the most that any of its
 * code ran, added up over all that the binary has it inlined into.  ERROR_MEMORY.
 */
bool block_weights_find(struct block_weigher *weigher, const struct ir_function *function,
                        struct block_weight *weights, uint64_t *executions, struct error *error);

/*
 * Whether the position was inlined in this context before the counters: what ran there is counted
 * by the blocks of the function that it is inlined into.
 */
bool block_weights_are_outside(const struct block_weigher *weigher, uint32_t position,
                               uint32_t context);

/*
 * How often a function is called by code that tells no line, in one of the functions that a call of
 * it by name is in: by calls that the release made one of several, maybe of this one.
 */
uint64_t block_weights_merged_calls(const struct block_weigher *weigher,
                                    const struct ir_call *call);

/* The function as source text has it, or POSITION_NONE where no position is known. */
uint32_t block_weights_source_function(const struct ir_program *program,
                                       const struct ir_function *function);

#endif
