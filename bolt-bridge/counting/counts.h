/*
 * Counts instead of times: by the processor's counters (perf stat) where the machine has
 * them, otherwise by valgrind, whose counts are the same at every run on every machine.
 */
#ifndef BOLT_BRIDGE_COUNTING_COUNTS_H
#define BOLT_BRIDGE_COUNTING_COUNTS_H

#include "bolt-bridge/counting/count_tool.h"

enum count_source {
    COUNTS_BY_WHAT_THERE_IS, /* perf, else valgrind: for counts_choose */
    COUNTS_BY_PERF,
    COUNTS_BY_VALGRIND,
    COUNT_SOURCES
};

/* "perf", "valgrind". */
const char *count_source_text(enum count_source source);
/* "instructions", ...; NULL: that source does not count it. */
const char *count_text(enum count_source source, enum count_kind kind);

/*
 * Makes COUNTS_BY_WHAT_THERE_IS one of the others.  ERROR_TOOL_FAILED where perf is asked
 * for and cannot count here.
 */
bool counts_choose(enum count_source *source, struct error *error);

/*
 * Counts one run of the program: see struct count_tool's `run`, except that `counts` is
 * cleared first.
 */
bool counts_run(enum count_source source, const struct process *program, struct counts *counts,
                struct process_result *result, struct error *error);

#endif
