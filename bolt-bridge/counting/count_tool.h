/*
 * One tool that counts what a program executes: what it counts, and how it is run.
 * Only counts_perf.c and counts_valgrind.c know the options and outputs of their tools.
 */
#ifndef BOLT_BRIDGE_COUNTING_COUNT_TOOL_H
#define BOLT_BRIDGE_COUNTING_COUNT_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/run.h"

enum count_kind {
    COUNT_INSTRUCTIONS,  /* executed (callgrind's Ir; of a processor: in user space) */
    COUNT_BRANCHES,      /* of all kinds, taken or not (perf) */
    COUNT_JUMPS,         /* all that were taken, but calls and returns */
    COUNT_TAKEN,         /* of these, the conditional ones */
    COUNT_MISPREDICTED,  /* branches; of valgrind: by callgrind's model of a predictor */
    COUNT_CODE_MISSES,   /* of a first-level instruction cache, by its model */
    COUNT_DATA_MISSES,   /* of a first-level data cache, by its model */
    COUNT_MEMORY_ACCESS, /* misses of the last level, of code and data */
    COUNT_LINES,         /* 64 bytes of code, with something in them that ran */
    COUNT_PAGES,         /* 4 KiB of code, likewise */
    COUNT_CYCLES,        /* what a model makes of these (model.h) */
    COUNT_KINDS
};

struct counts {
    uint64_t values[COUNT_KINDS];
};

struct count_tool {
    const char *name;               /* as --counts=NAME takes it */
    const char *texts[COUNT_KINDS]; /* for tables; NULL: the tool does not count that kind */

    /* Whether it counts here.  ERROR_TOOL_FAILED says why not. */
    bool (*is_usable)(struct error *error);

    /*
     * Runs the program (path, arguments, files and timeout as for process_run) with all its
     * children, and adds to `counts`.  `result` says how the program ended.  Errors:
     * ERROR_TOOL_MISSING, ERROR_TOOL_FAILED, and those of process_run.
     */
    bool (*run)(const struct process *program, struct counts *counts, struct process_result *result,
                struct error *error);
};

/* perf stat.  It does not say how the program ended, so the program runs once more without it. */
extern const struct count_tool count_tool_perf;
/*
 * valgrind's callgrind.  The modelled caches are the same on every machine: 32 KiB with 8 ways
 * for code and for data, and 8 MiB for both together.
 */
extern const struct count_tool count_tool_valgrind;

/*
 * The command line: `prefix` and then the program's own.  The caller frees the vector, but
 * not the strings.  ERROR_MEMORY.
 */
char **count_tool_command(const struct process *program, char *const *prefix, size_t prefix_count,
                          struct error *error);

#endif
