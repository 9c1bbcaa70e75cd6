/*
 * Counts instead of times: what a program does, counted by valgrind, is the same at
 * every run on every machine.  The only place that knows valgrind's options and
 * output.  Used by the verb compare.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_COUNTS_H
#define BOLT_BRIDGE_TOOLCHAIN_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/run.h"

enum count_kind {
    COUNT_INSTRUCTIONS,  /* executed (callgrind's Ir) */
    COUNT_TAKEN,         /* conditional branches taken (lackey) */
    COUNT_MISPREDICTED,  /* branches, by callgrind's model of a predictor */
    COUNT_CODE_MISSES,   /* of a first-level instruction cache, by its model */
    COUNT_DATA_MISSES,   /* of a first-level data cache */
    COUNT_MEMORY_ACCESS, /* misses of the last level, of code and data */
    COUNT_KINDS
};

struct counts {
    uint64_t values[COUNT_KINDS];
};

/* "instructions", ... */
const char *count_text(enum count_kind kind);

/*
 * Runs the program (path, arguments, files, timeout as for process_run) twice under
 * valgrind, with all its children.  `result` says how it ended.  The caches are the
 * same on every machine: 32 KiB, 8 ways for code and for data, 8 MiB in all.
 * Errors: ERROR_TOOL_MISSING, ERROR_TOOL_FAILED, those of process_run.
 */
bool counts_run(const struct process *program, struct counts *counts, struct process_result *result,
                struct error *error);

/*
 * Add what one file of a tool says.  For counts_run and tests.  False where it holds
 * no totals.
 */
bool counts_add_callgrind(const char *file, struct counts *counts);
bool counts_add_lackey(const char *file, struct counts *counts);

#endif
