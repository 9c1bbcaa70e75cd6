/*
 * Entries of a function that its own code does not show.  Where a release inlined a small function,
 * the beginning often has no code of its own left, or nothing of it has; the blocks that call it
 * still have theirs.
 */
#ifndef ANALYZER_MODEL_COUNTERS_LOST_ENTRIES_H
#define ANALYZER_MODEL_COUNTERS_LOST_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counters/block_weights.h"
#include "analyzer/model/counters/call_sites.h"
#include "analyzer/model/counters/position_counts.h"
#include "analyzer/model/ir/ir_program.h"

struct lost_entries {
    uint64_t without_code; /* by calls of which nothing is left: as often as their blocks ran */
    uint64_t without_beginning; /* no more often than any code of the copy there ran */
};

struct lost_entry_finder;

/* All must outlive it.  NULL with ERROR_MEMORY; lost_entry_finder_free takes NULL. */
struct lost_entry_finder *lost_entry_finder_new(const struct ir_program *program,
                                                const struct position_counts *counts,
                                                const struct block_weigher *weigher,
                                                const struct call_sites *sites,
                                                struct error *error);
void lost_entry_finder_free(struct lost_entry_finder *finder);

/* Of a function by number; `blocks` are counts of blocks by number in the program.  ERROR_MEMORY.
 */
bool lost_entries_find(struct lost_entry_finder *finder, uint32_t function, const uint64_t *blocks,
                       struct lost_entries *lost, struct error *error);

#endif
