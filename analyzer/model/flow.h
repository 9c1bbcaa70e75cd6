/*
 * A function's straight pieces: its basic blocks in the order of their
 * addresses, cut the way BOLT cuts them (calls do not end a block; a jump
 * directly after a conditional branch belongs to the branch's block; padding is
 * code like any other).  Used by edges.c.
 */
#ifndef ANALYZER_MODEL_FLOW_H
#define ANALYZER_MODEL_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/code.h"

struct block {
    uint64_t start;
    uint64_t end;       /* first byte past it */
    uint64_t last;      /* its last instruction */
    bool falls_through; /* may go on with the next block */
    bool ends_with_call;
};

struct flow {
    struct block *blocks; /* ordered, without gaps */
    size_t block_count, block_capacity;
};

/*
 * Cuts the function.  `leaders` are addresses known to begin blocks besides
 * what the code itself shows (direct branches and jump tables): any order, and
 * those outside the function are ignored.  Cutting ends where bytes cannot be
 * decoded.  The caller frees it with flow_free.
 */
bool flow_build(struct flow *flow, const struct binary *binary, struct code *code,
                const struct function *function, const uint64_t *leaders, size_t leader_count,
                struct error *error);
void flow_free(struct flow *flow);

/* The index of the block that contains the address, or -1. */
ptrdiff_t flow_block_at(const struct flow *flow, uint64_t address);

#endif
