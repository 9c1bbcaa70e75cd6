/*
 * Branches that perf decoded from a hardware trace and prints one after another, the oldest
 * first, mixed with those of other threads (perf script --itrace=b).  The run behind each
 * is known once the thread's next one comes.
 */
#ifndef ANALYZER_READ_PERF_TRACED_BRANCHES_H
#define ANALYZER_READ_PERF_TRACED_BRANCHES_H

#include "analyzer/read/perf_sink.h"

#define PERF_TRACED_THREADS 256

struct perf_traced_branch {
    bool is_pending;
    uint32_t process, thread;
    uint64_t from, to;
};

/* Begins as {0}. */
struct perf_traced_branches {
    struct perf_traced_branch last[PERF_TRACED_THREADS]; /* of each thread, by its number */
};

/* Counts the thread's branch before this one, with its run, and keeps this one. */
bool perf_traced_branch_add(struct perf_traced_branches *branches, struct perf_sink *sink,
                            const struct perf_traced_branch *branch, struct error *error);

/* Counts what is kept: at the end. */
bool perf_traced_branches_end(struct perf_traced_branches *branches, struct perf_sink *sink,
                              struct error *error);

#endif
