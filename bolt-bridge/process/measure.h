/*
 * Measuring two commands against each other: interleaved runs, the same input,
 * outputs compared, CPU time of the whole process tree.  Used by the verbs
 * compare and cycle.
 *
 * A round runs A and B, and A once more where the noise is to be seen; the
 * order within the rounds goes through all permutations.  The runs of a round
 * are the pairs: B/A and A/A.  docs/measuring.md says why.
 */
#ifndef BOLT_BRIDGE_PROCESS_MEASURE_H
#define BOLT_BRIDGE_PROCESS_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/statistics/paired.h"

enum measure_side { MEASURE_A, MEASURE_B, MEASURE_SIDES };

/* What may differ between the runs. */
struct measure_tolerance {
    bool output;
    bool errors; /* standard error */
};

/* All strings are borrowed. */
struct measure_request {
    const char *paths[MEASURE_SIDES];      /* the files to execute */
    char *const *arguments[MEASURE_SIDES]; /* NULL-terminated, with argv[0] */
    const char *names[MEASURE_SIDES];      /* for messages */
    const char *input_file;                /* standard input of every run; NULL: /dev/null */
    size_t pairs;                          /* 1 to PAIRED_MAXIMUM */
    bool noise;                            /* run A a second time in every round */
    struct measure_tolerance tolerance;
    double timeout; /* of one run, in seconds; 0: none */
    /* Called after every run with how many are done; NULL: nothing is. */
    void (*progress)(size_t done, size_t total);
};

/* One quantity of one side, and how it relates to A's. */
struct measure_row {
    double value;      /* seconds: median over the runs */
    bool has_interval; /* false: too few pairs, only interval.ratio is set */
    struct paired_interval interval;
};

struct measure_report {
    struct measure_row
        cpu[MEASURE_SIDES]; /* of A: the noise row (has_interval: it was asked for) */
    struct measure_row wall[MEASURE_SIDES];
    uint64_t peak_bytes[MEASURE_SIDES]; /* largest of all runs */
    size_t runs;
    int exit_status;             /* of all runs, where they behave the same */
    bool same;                   /* every run behaved like the first one of A */
    char difference[1024];       /* what differed, where !same: a sentence that names the side */
    enum paired_verdict verdict; /* by CPU time, valid where same */
};

/*
 * Runs it all.  A difference in behaviour is a result, and ends the runs; so is
 * an exit status other than 0 that both share.  Errors: ERROR_WORKLOAD_FAILED
 * (A crashes or takes longer than the timeout), those of process_run and
 * temporary_path, ERROR_MEMORY.
 */
bool measure_run(const struct measure_request *request, struct measure_report *report,
                 struct error *error);

/* Compares two files byte by byte: 0 same, 1 different at *offset, -1 cannot be read. */
int measure_compare_files(const char *left, const char *right, uint64_t *offset);

#endif
