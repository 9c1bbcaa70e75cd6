/*
 * What is measured of programs against each other, and what came out: the types that
 * measuring (measure.h), judging (run_times.h) and showing share.
 *
 * A round runs every side once for each workload, and A once more where the noise is to
 * be seen, in changing order.  The runs of a round are the pairs: B/A, C/A, A/A.
 */
#ifndef BOLT_BRIDGE_PROCESS_MEASUREMENT_H
#define BOLT_BRIDGE_PROCESS_MEASUREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* How far a measurement has come; for people, the verdict does not rest on it. */
struct measure_progress {
    size_t runs, all_runs; /* all 0: not known */
    size_t rounds;         /* that are done */
    double ratio;          /* CPU time of B to A, of all workloads; 0: not known yet */
    double half_width;     /* of its 95 % interval; 0: too few rounds */
    double seconds_left;   /* at most; below 0: not known */
};

/*
 * Of each pair the ratio of CPU times, of all workloads: a side's to A's, and of A its second run's
 * to its first.
 */
struct measure_pairs {
    size_t count;
    double ratios[MEASURE_SIDES][PAIRED_MAXIMUM];
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
    double timeout;                                            /* of one run, in seconds; 0: none */
    void (*progress)(const struct measure_progress *progress); /* after every run; may be NULL */
    struct measure_pairs *pairs; /* filled in where all behave the same; may be NULL */
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
    /* Seconds of a run of A, on average; idle: it neither worked nor had to wait for a CPU. */
    double elapsed, idle;
    uint64_t peak_bytes[MEASURE_SIDES]; /* largest of all runs */
    int exit_status;                    /* of all runs, where they behave the same */
    /* Where that is not 0: the end of A's first standard error. */
    char last_words[MEASURE_LAST_WORDS];
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

#endif
