/*
 * Measuring programs against each other: interleaved runs, the same input,
 * outputs compared, CPU time of the whole process tree.  Used by the verbs
 * compare and cycle.
 *
 * A round runs, for each workload, every side once, and A once more where the noise
 * is to be seen, in changing order.  The runs of a round are the pairs: B/A, C/A,
 * A/A.  docs/comparing.md says why, and how many rounds there are.
 */
#ifndef BOLT_BRIDGE_PROCESS_MEASURE_H
#define BOLT_BRIDGE_PROCESS_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/service.h"
#include "bolt-bridge/statistics/paired.h"
#include "bolt-bridge/statistics/stopping.h"

/* A is what all others are compared with. */
enum measure_side { MEASURE_A, MEASURE_B, MEASURE_C, MEASURE_SIDES };

#define MEASURE_WORKLOADS 32
#define MEASURE_LAST_WORDS 1024 /* bytes */

/* What may differ between the runs. */
struct measure_tolerance {
    bool output;
    bool errors; /* standard error */
};

/* What every side is run with.  All strings are borrowed. */
struct measure_workload {
    const char *name;                      /* NULL where it is the only one */
    unsigned weight;                       /* in the geometric mean; at least 1 */
    char *const *arguments[MEASURE_SIDES]; /* NULL-terminated, with argv[0] */
    const char *input_file;                /* standard input of every run; NULL: /dev/null */
    const struct service *service;         /* the program is a server: how it gets work; NULL */
};

/* All strings are borrowed. */
struct measure_request {
    size_t side_count;                /* 2 or 3 */
    const char *paths[MEASURE_SIDES]; /* the files to execute */
    const char *names[MEASURE_SIDES]; /* for messages */
    const struct measure_workload *workloads;
    size_t workload_count; /* 1 to MEASURE_WORKLOADS */
    struct stopping_rule stopping;
    bool noise; /* run A a second time in every round */
    struct measure_tolerance tolerance;
    double timeout; /* of one run, in seconds; 0: none */
    /* Called after every run with how many are done, and of how many (0: not known). */
    void (*progress)(size_t done, size_t total);
};

/* One quantity of one side, and how it relates to A's; of A: to A's second run. */
struct measure_row {
    double value;      /* seconds: median over the runs */
    bool has_interval; /* false: too few pairs, only interval.ratio is set */
    struct paired_interval interval;
    enum paired_verdict verdict; /* by the interval, and the noise where there is some */
    bool below_noise;            /* what the interval shows is less than A shows against itself */
};

struct measure_figures {
    struct measure_row cpu[MEASURE_SIDES];
    struct measure_row wall[MEASURE_SIDES];
    double elapsed, idle; /* seconds of a run of A, on average; idle: it neither worked nor had to
                             wait for a CPU */
    uint64_t peak_bytes[MEASURE_SIDES];  /* largest of all runs */
    int exit_status;                     /* of all runs, where they behave the same */
    char last_words[MEASURE_LAST_WORDS]; /* where that is not 0: quoted, of A's first standard error
                                          */
};

struct measure_report {
    /* Of several workloads: values are sums, ratios weighted geometric means, peaks the largest. */
    struct measure_figures all;
    struct measure_figures workloads[MEASURE_WORKLOADS];
    struct measure_row step; /* CPU time of C to B, of all workloads, where there are three sides */
    size_t pairs, runs;
    enum stopping_reason stopped;
    bool same;             /* every run behaved like the first one of A */
    char difference[1024]; /* what differed, where !same: a sentence that names the side */
    enum measure_side differing;
};

/*
 * Runs it all.  A difference in behaviour is a result, and ends the runs; so is
 * an exit status other than 0 that all share.  Errors: ERROR_WORKLOAD_FAILED
 * (A crashes, takes longer than the timeout, or never gets ready), those of
 * process_run and temporary_path, ERROR_MEMORY.
 */
bool measure_run(const struct measure_request *request, struct measure_report *report,
                 struct error *error);

#endif
