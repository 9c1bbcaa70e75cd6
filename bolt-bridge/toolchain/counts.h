/*
 * Counts instead of times: by the processor's counters (perf stat) where there are
 * some, else by valgrind, whose counts are the same at every run on every machine.
 * Only counts_valgrind.c and counts_perf.c know the options and outputs of these
 * tools.  Used by the verb compare.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_COUNTS_H
#define BOLT_BRIDGE_TOOLCHAIN_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/run.h"

enum count_source {
    COUNTS_BY_WHAT_THERE_IS, /* perf, else valgrind: for counts_choose */
    COUNTS_BY_PERF,
    COUNTS_BY_VALGRIND,
    COUNT_SOURCES
};

enum count_kind {
    COUNT_INSTRUCTIONS,  /* executed (callgrind's Ir; of a processor those in user space) */
    COUNT_BRANCHES,      /* of all kinds, taken or not (perf) */
    COUNT_TAKEN,         /* conditional branches taken (lackey) */
    COUNT_MISPREDICTED,  /* branches; of valgrind by callgrind's model of a predictor */
    COUNT_CODE_MISSES,   /* of a first-level instruction cache, by its model */
    COUNT_DATA_MISSES,   /* of a first-level data cache */
    COUNT_MEMORY_ACCESS, /* misses of the last level, of code and data */
    COUNT_KINDS
};

struct counts {
    uint64_t values[COUNT_KINDS];
};

/* "perf", "valgrind". */
const char *count_source_text(enum count_source source);
/* "instructions", ...; NULL: that source does not count it. */
const char *count_text(enum count_source source, enum count_kind kind);

/*
 * Makes COUNTS_BY_WHAT_THERE_IS one of the others.  ERROR_TOOL_FAILED where perf is
 * asked for and cannot count here; ERROR_TOOL_MISSING where the tool is not there.
 */
bool counts_choose(enum count_source *source, struct error *error);

/*
 * Runs the program (path, arguments, files, timeout as for process_run) twice, with all
 * its children.  `result` says how it ended.  Errors: ERROR_TOOL_MISSING,
 * ERROR_TOOL_FAILED, those of process_run.
 */
bool counts_run(enum count_source source, const struct process *program, struct counts *counts,
                struct process_result *result, struct error *error);

/* --- the sources, called by counts_run and counts_choose ------------------- */

/* Whether perf counts all three kinds here.  Errors of process_run are a no. */
bool counts_perf_works(void);
/* Once by itself, which tells how it ends (perf does not), and once under perf stat. */
bool counts_run_perf(const struct process *program, struct counts *counts,
                     struct process_result *result, struct error *error);
/*
 * callgrind and lackey.  The caches are the same on every machine: 32 KiB, 8 ways for
 * code and for data, 8 MiB in all.
 */
bool counts_run_valgrind(const struct process *program, struct counts *counts,
                         struct process_result *result, struct error *error);
/*
 * The command line: a tool's part, then the program's.  The caller frees the vector,
 * not the strings.  ERROR_MEMORY.
 */
char **counts_command(const struct process *program, char *const *prefix, size_t prefix_count,
                      struct error *error);

#endif
