/*
 * A function's basic blocks in the order of their addresses, cut the
 * way BOLT cuts them (calls do not end a block; a jump directly after a conditional branch
 * belongs to the branch's block; padding is code like any other).
 */
#ifndef ANALYZER_MODEL_CODE_BLOCKS_H
#define ANALYZER_MODEL_CODE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/code/decoder.h"

struct block {
    uint64_t start;
    uint64_t end;       /* first byte past it */
    uint64_t last;      /* its last instruction */
    bool falls_through; /* may go on with the next block */
    bool ends_with_call;
};

/* Where an indirect jump may lead.  Not every jump's table is found. */
struct jump_table {
    uint64_t jump;       /* the instruction; 0: one of the function's, which is not known */
    uint64_t base;       /* where the table is */
    size_t first, count; /* its entries in blocks.targets */
};

struct blocks {
    struct block *items; /* ordered, without gaps */
    size_t count, capacity;
    struct jump_table *tables;
    size_t table_count, table_capacity;
    uint64_t *targets; /* addresses in the function, as often as tables have them */
    size_t target_count, target_capacity;
};

/*
 * Cuts the function.  `leaders` are addresses known to begin blocks besides
 * what the code itself shows (direct branches and jump tables): any order, and
 * those outside the function are ignored.  Cutting ends where bytes cannot be
 * decoded.  The caller frees it with blocks_free.
 */
bool blocks_build(struct blocks *blocks, const struct binary *binary, struct decoder *decoder,
                  const struct function *function, const uint64_t *leaders, size_t leader_count,
                  struct error *error);
void blocks_free(struct blocks *blocks);

/* The index of the block that contains the address, or -1. */
ptrdiff_t blocks_at(const struct blocks *blocks, uint64_t address);

#endif
