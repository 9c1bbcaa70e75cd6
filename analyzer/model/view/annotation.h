/*
 * The code of one function with what a profile says of it: samples and executions of each
 * instruction, which way each branch went, basic blocks, loops, and the way that was taken most.
 */
#ifndef ANALYZER_MODEL_VIEW_ANNOTATION_H
#define ANALYZER_MODEL_VIEW_ANNOTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/code/instruction.h"
#include "analyzer/model/code/loops.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/* Where a branch led to. */
struct annotated_target {
    struct location location;
    uint64_t count;
};

struct annotated_instruction {
    struct instruction code;
    bool is_code;           /* false: bytes that are no instruction */
    uint64_t samples;       /* that were taken at it */
    uint64_t runs;          /* how often it is known to have run */
    uint64_t taken, passed; /* of a conditional branch; of another branch, `taken` alone */
    size_t first_target, target_count; /* in annotation.targets, most first */
    uint32_t block;
};

struct annotated_block {
    size_t first, count; /* of instructions */
    uint64_t runs;
    bool is_hot; /* on the way that was taken most */
};

/* A way from a block to another of the function. */
struct annotated_edge {
    uint32_t from, to;
    bool is_fall_through;
    uint64_t count;
};

/* By loops.items. */
struct annotated_loop {
    uint64_t entries; /* from outside of it */
    uint64_t turns;   /* how often its header ran */
};

struct annotation {
    uint32_t module;
    const struct function *function;
    struct annotated_instruction *instructions; /* by address, without gaps */
    size_t instruction_count, instruction_capacity;
    struct annotated_target *targets;
    size_t target_count, target_capacity;
    struct annotated_block *blocks; /* in the order of the code */
    size_t block_count;
    struct annotated_edge *edges; /* by from, then by to */
    size_t edge_count, edge_capacity;
    struct loops loops;
    struct annotated_loop *loop_counts;
    uint64_t samples;          /* in the function */
    uint64_t mismatching_runs; /* ranges that the code does not allow */
};

/*
 * The profile to count executions by, for one module of `profile`: *counts, which the caller
 * frees with profile_free.  Where no branches are known it is inferred; where the weights of
 * windows are sound, corrected; else NULL, and the profile itself is it.
 */
bool annotation_counts(const struct profile *profile, uint32_t module, const struct binary *binary,
                       struct profile **counts, struct error *error);

/*
 * Annotates a function of a module.  `samples` and `counts` are normalised and have the same
 * modules.  The binary must be at hand.  The caller frees with annotation_free, also after a
 * failure.
 */
bool annotation_build(struct annotation *annotation, const struct profile *samples,
                      const struct profile *counts, uint32_t module,
                      const struct function *function, struct binaries *binaries,
                      struct error *error);
void annotation_free(struct annotation *annotation);

/* The index of the instruction at exactly this address, or -1. */
ptrdiff_t annotation_at(const struct annotation *annotation, uint64_t address);

#endif
