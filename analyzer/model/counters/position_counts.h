/*
 * How often the code of each position ran in a binary, told apart by what the position was
 * inlined into there, and who was called from it.
 */
#ifndef ANALYZER_MODEL_COUNTERS_POSITION_COUNTS_H
#define ANALYZER_MODEL_COUNTERS_POSITION_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/ir/positions.h"

/* The code of a position in one context: the most that any instruction of it ran. */
struct position_count {
    uint32_t context;  /* number of what it was inlined into */
    uint32_t function; /* of the binary's debug information, that the code is in */
    bool is_outermost; /* it was not inlined */
    uint64_t count;
    uint32_t next; /* of the position, or POSITION_NONE */
};

/* Calls from a position. */
struct position_target {
    const struct function *target;
    uint32_t function; /* of the binary's debug information, or SOURCE_NO_FUNCTION */
    bool is_indirect;
    uint64_t count;
    uint32_t next; /* of the position, or POSITION_NONE */
};

/* What is known of a source function. */
struct position_function_counts {
    bool has_code;    /* the binary has code of it among what ran */
    bool is_inlined;  /* also where it is inlined */
    uint64_t entries; /* calls of its own code */
};

/* Begins as {0}. */
struct position_counts {
    struct positions contexts; /* outermost first: what is called "inner" there is outer here */
    struct position_count *counts;
    size_t count, capacity;
    uint32_t *first_counts; /* by position */
    size_t first_count_size, first_count_capacity;
    struct position_target *targets;
    size_t target_count, target_capacity;
    uint32_t *first_targets; /* by position */
    size_t first_target_size, first_target_capacity;
    struct position_function_counts *functions; /* by number among the positions' functions */
    size_t function_size, function_capacity;
    uint64_t *binary_entries; /* calls by number of the function in debug information */
    size_t binary_entry_size, binary_entry_capacity;
};

/*
 * Adds all positions of the functions that ran to `positions`, and counts them.  `lines` must
 * have been opened for what `counts` touches.  The caller frees it, also after a failure.
 */
bool position_counts_build(struct position_counts *result, struct positions *positions,
                           struct source_lines *lines, const struct ranges_and_branches *counts,
                           const struct binary *binary, struct error *error);

/* The first count of a position, or NULL, and the one behind. */
const struct position_count *position_counts_first(const struct position_counts *counts,
                                                   uint32_t position);
const struct position_count *position_counts_next(const struct position_counts *counts,
                                                  const struct position_count *count);

/* The same for calls. */
const struct position_target *position_targets_first(const struct position_counts *counts,
                                                     uint32_t position);
const struct position_target *position_targets_next(const struct position_counts *counts,
                                                    const struct position_target *target);

/*
 * The first of the calls from code in a function that tells no line, since compilers made one of
 * calls from several places: whom those called, together.  Or NULL.
 */
const struct position_target *position_targets_merged(const struct position_counts *counts,
                                                      const struct positions *positions,
                                                      uint32_t function);

/* What is known of a source function of the positions, by its number; all 0 where nothing is. */
struct position_function_counts position_counts_of_function(const struct position_counts *counts,
                                                            uint32_t function);

void position_counts_free(struct position_counts *counts);

#endif
