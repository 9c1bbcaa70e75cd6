/*
 * One run of one program, counted, with what has to be the same of two programs: how it ended and
 * what it printed.
 */
#ifndef BOLT_BRIDGE_COUNTING_COUNTED_RUN_H
#define BOLT_BRIDGE_COUNTING_COUNTED_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "bolt-bridge/counting/counts.h"
#include "bolt-bridge/process/workload.h"

struct counted_run {
    struct counts counts;
    int exit_status;    /* -1: it crashed, or took too long */
    uint8_t output[16]; /* digest of its standard output */
};

/*
 * Runs the program `path` by `name` on the workload, for `timeout` seconds at most (0: no limit). A
 * program that fails is a result.  Errors: those of counts_run, ERROR_MEMORY, ERROR_READ.
 */
bool counted_run(enum count_source source, const char *path, const char *name,
                 const struct workload *workload, double timeout, struct counted_run *run,
                 struct error *error);

/* Seconds that another build of a program may take, which ran like this one, before it hangs. */
double counted_run_limit(const struct counted_run *run);

/* In what the second differs, a clause; NULL: in nothing.  `output`: what it printed may differ. */
const char *counted_run_difference(const struct counted_run *first,
                                   const struct counted_run *second, bool output);

#endif
