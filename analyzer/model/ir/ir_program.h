/*
 * A program as the compiler had it right after it put counters into it
 * (-fprofile-generate, LLVM's PGOInstrumentationGen): of each function its blocks, what
 * leads from one to another, which counter and which value site is where, what is called,
 * and where all of that is in the source text.  Read from LLVM's textual intermediate
 * representation, "LLVM Language Reference Manual".
 */
#ifndef ANALYZER_MODEL_IR_IR_PROGRAM_H
#define ANALYZER_MODEL_IR_IR_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/base/hash_index.h"
#include "analyzer/model/ir/ir_metadata.h"
#include "analyzer/model/ir/positions.h"

/* How a block ends, as far as counts depend on it. */
enum ir_end {
    IR_END_OTHER,
    IR_END_INVOKE, /* its second edge is only taken by what is thrown */
    IR_END_NEVER,  /* unreachable, or goes on with what was thrown */
};

/* What a block has is in the program's lists: from its first there up to the next block's. */
struct ir_block {
    uint32_t first_position, first_call, first_edge, first_counter, first_site;
    uint32_t end_position; /* of the branch that it ends with, or POSITION_NONE */
    enum ir_end end;
};

struct ir_call {
    uint32_t position;  /* or POSITION_NONE */
    const char *callee; /* symbol; NULL: called by address */
};

struct ir_counter {
    uint32_t number;
    bool is_step; /* counts how often a select took its first value, not the block */
};

/* What sites of value profiles are about: numbers of LLVM's. */
enum ir_site_kind { IR_SITE_TARGETS = 0, IR_SITE_SIZES = 1, IR_SITE_KINDS = 3 };

struct ir_site {
    uint32_t kind;
    uint32_t number;   /* in the function, of its kind */
    uint32_t position; /* or POSITION_NONE */
};

struct ir_function {
    const char *name;         /* symbol */
    const char *profile_name; /* as profiles have it: "NAME", or "FILE;NAME" of a local one */
    uint64_t hash;            /* of its control flow, by LLVM */
    uint32_t counter_count;
    uint32_t first_block, block_count;
};

/* Begins as {0}. */
struct ir_program {
    struct positions positions;
    struct ir_function *functions; /* those with counters, each once */
    size_t function_count, function_capacity;
    struct ir_block *blocks; /* and one behind the last */
    size_t block_count, block_capacity;
    uint32_t *block_positions;
    size_t position_count, position_capacity;
    struct ir_call *calls;
    size_t call_count, call_capacity;
    uint32_t *edges; /* numbers of blocks in the function; a block may have several to one other */
    size_t edge_count, edge_capacity;
    struct ir_counter *counters;
    size_t counter_count, counter_capacity;
    struct ir_site *sites;
    size_t site_count, site_capacity;
    struct hash_index by_name, by_profile_name;
    struct ir_compilers compilers;
    size_t module_count;     /* dumps that were read */
    size_t definition_count; /* functions that dumps define, with counters or not */
    bool has_locations;      /* some instruction has a position */
};

/* The function of that symbol, or NULL. */
const struct ir_function *ir_program_find(const struct ir_program *program, const char *symbol);

void ir_program_free(struct ir_program *program);

#endif
