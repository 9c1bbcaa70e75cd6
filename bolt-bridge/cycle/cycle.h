/*
 * The whole way from a program to a faster one: what was asked for, and what came out
 * of each stage.
 */
#ifndef BOLT_BRIDGE_CYCLE_CYCLE_H
#define BOLT_BRIDGE_CYCLE_CYCLE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/verdict.h"
#include "bolt-bridge/counting/sides.h"
#include "bolt-bridge/cycle/state.h"
#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/process/workload.h"
#include "bolt-bridge/toolchain/rebuild.h"
#include "bolt-bridge/toolchain/recorder.h"
#include "bolt-bridge/toolchain/relink.h"

/* All strings are borrowed. */
struct cycle_request {
    const char *name;   /* of the program, as the user calls it */
    const char *binary; /* its file */
    const char *output; /* where the new one goes */
    bool force;
    const char *directory; /* for what is made on the way; NULL: a temporary one */
    const char *page;      /* the file that gets the HTML page; NULL: none */
    const char *profiles;  /* where merged profiles are archived; NULL: `directory` */
    const struct workloads *workloads;
    struct recorder_settings recorder; /* but for the pattern */
    size_t iterations;                 /* recorded runs of each workload; 0: until `duration` */
    double duration;                   /* seconds of recording, all workloads together */
    struct stopping_rule comparing;
    double count_seconds; /* counting, where times cannot tell, may take that long; 0: none */
    struct measure_tolerance tolerance;
    double timeout; /* of one run, and of llvm-bolt; 0: none */
    const char *bolt;
    const char *build_command; /* for /bin/sh: builds the program with the profile; NULL */
    const char *build_result;  /* the file that it makes; NULL: `binary` */
    enum rebuild_kind build_kind;
    bool build_chooses; /* the kind that counts say to be the best of the workloads */
    bool without_bolt;
    const char *test_command; /* for /bin/sh; NULL */
    double size_limit;   /* of the new file, as a fraction of the old one's; below 0: default */
    double memory_limit; /* growth of the peak, as a fraction */
    bool profile_only, accept_equal, strict, quiet;
};

/* A program that is recorded: the plain one or the rebuilt one. */
struct cycle_subject {
    const char *label; /* "plain" */
    char path[PATH_MAX];
    /* By cycle_record, by workload: what recording cost, and whether it was done before. */
    struct measure_report overheads[MEASURE_WORKLOADS];
    /* By cycle_merge. */
    char profile[PATH_MAX];
    char archive[PATH_MAX]; /* empty: it was not archived */
    size_t recordings, damaged;
    uint64_t samples;      /* in all modules */
    uint64_t own_samples;  /* in the program */
    uint64_t own_branches; /* taken, from the program */
    size_t empty_workloads;
    bool waits;                    /* all are empty, and it waits more than it works */
    bool is_judged;                /* the next is known */
    enum verdict coverage_verdict; /* whether the profile is good enough (quality.h) */
    char coverage[512];            /* what is not ok; or why it is not known */
};

struct cycle {
    const struct cycle_request *request;
    struct state *state;
    char directory[PATH_MAX];
    char recorder[PATH_MAX];
    struct temporary_output output;
    bool replaces;      /* the output may exist already */
    bool replaces_page; /* and the HTML page */
    struct cycle_subject plain, rebuilt;
    bool has_rebuilt;
    bool has_relinked;
    struct relink_result relink;
    char relinked[PATH_MAX];
    char plain_fdata[PATH_MAX]; /* by cycle_code_moved */
    const char *candidate;      /* the last binary made; NULL: none, the plain one stays */
    bool tested, tests_passed;
    char test_log[PATH_MAX];
    struct measure_report comparison; /* A plain, B the candidate, or B rebuilt and C relinked */
    struct measure_pairs pairs;       /* of the comparison, where all behave the same */
    bool compared, accepted;
    struct count_comparison counted; /* plain and the candidate, where has_counts */
    bool has_counts;
    bool unstable;           /* the workload's output differs from run to run */
    const char *reason;      /* why it was not accepted */
    char rejected[PATH_MAX]; /* where the refused candidate is kept; empty: nowhere */
};

#endif
