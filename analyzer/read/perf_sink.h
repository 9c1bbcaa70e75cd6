/*
 * Takes single samples of perf, from perf.data or perf script's text: turns the addresses
 * of a process into places in modules, and adds up what is the same.
 */
#ifndef ANALYZER_READ_PERF_SINK_H
#define ANALYZER_READ_PERF_SINK_H

#include "analyzer/read/perf_counts.h"
#include "analyzer/read/perf_left_out.h"
#include "analyzer/read/perf_space.h"
#include "include/pgoshim/raw.h"

struct perf_sink {
    struct perf_spaces *spaces;
    struct perf_counts counts;
    bool is_unnamed;             /* all addresses are of one module, and nothing was mapped */
    uint32_t unnamed;            /* its number */
    uint32_t stack;              /* of the sample that is being taken: its node, index + 1, or 0 */
    uint64_t placed, not_mapped; /* addresses of samples and branches; of those, in no file */
    uint64_t counters[PGORAW_MAX_COUNTERS];
    struct perf_left_out left_out;
};

/* Where an address of a process is. */
bool perf_sink_place(struct perf_sink *sink, uint32_t process, uint64_t address,
                     struct location *location, struct error *error);

/* One sampled address of user code. */
bool perf_sink_sample(struct perf_sink *sink, uint32_t process, uint64_t address,
                      struct error *error);

/* A branch of a branch stack: where it is. */
struct perf_branch_place {
    uint64_t address;
    struct location location;
};

/*
 * One entry of a branch stack, the newest first.  *next begins as {0} for each
 * stack and is where the branch after this one is.  Branches into the kernel and
 * back are left out, and the range around them stays one: after an interrupt the
 * program goes on where it was.
 */
bool perf_sink_branch(struct perf_sink *sink, uint32_t process, uint64_t from, uint64_t to,
                      struct perf_branch_place *next, struct error *error);

/* The sample's call stack, the innermost frame first; callers are where they go on. */
bool perf_sink_stack(struct perf_sink *sink, uint32_t process, const uint64_t *frames, size_t count,
                     struct error *error);

/* The sample is over: its call stack and branches belong together. */
bool perf_sink_end_sample(struct perf_sink *sink, struct error *error);

#endif
