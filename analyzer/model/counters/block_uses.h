/*
 * Which blocks of a function have a position.
 */
#ifndef ANALYZER_MODEL_COUNTERS_BLOCK_USES_H
#define ANALYZER_MODEL_COUNTERS_BLOCK_USES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/ir/ir_program.h"

struct block_use {
    uint32_t position;
    uint32_t block; /* number in the function */
};

/* Begins as {0}. */
struct block_uses {
    struct block_use *items; /* by position, then block; some more than once */
    size_t count, capacity;
};

/* Makes it that of a function.  ERROR_MEMORY; the caller frees it, also after a failure. */
bool block_uses_collect(struct block_uses *uses, const struct ir_program *program,
                        const struct ir_function *function, struct error *error);
void block_uses_free(struct block_uses *uses);

/* The first item of the position or of one behind. */
size_t block_uses_first(const struct block_uses *uses, uint32_t position);

#endif
