/*
 * The search for the layout that llvm-bolt makes best of a program and its profiles: what was
 * asked for, the trials that were made, and what came out.
 *
 * A trial is counted (counting/), never timed.  Only the last one is timed, against the
 * default layout, and handed over where it is not slower and does the same.
 */
#ifndef BOLT_BRIDGE_TUNE_TUNE_H
#define BOLT_BRIDGE_TUNE_TUNE_H

#include <limits.h>
#include <stdint.h>

#include "bolt-bridge/counting/counted_run.h"
#include "bolt-bridge/counting/verdict.h"
#include "bolt-bridge/cycle/state.h"
#include "bolt-bridge/process/workload.h"
#include "bolt-bridge/toolchain/bolt.h"
#include "bolt-bridge/tune/candidate.h"

#define TUNE_TRIALS 160
#define TUNE_PROFILES 12
#define TUNE_WORKLOADS (2 * MEASURE_WORKLOADS) /* to be tuned for, and held out */
/* A layout has to be better than the default by this, as a fraction of the model's cycles, luck
 * aside. */
#define TUNE_LEAST_GAIN COUNT_DECISIVE

/* All strings are borrowed. */
struct tune_request {
    const char *name;   /* of the program, as the user calls it */
    const char *binary; /* its file */
    const char *output;
    bool force;
    char *const *profiles; /* recordings */
    size_t profile_count;
    const char *fdata; /* instead of them; NULL */
    const char *bolt;
    const char *directory;             /* for what is made on the way; NULL: a temporary one */
    const struct workloads *workloads; /* to tune for */
    const struct workloads *held_out;  /* to hold the winner against; may have none */
    struct measure_tolerance tolerance;
    double seconds;                 /* the search may take */
    struct stopping_rule comparing; /* of the winner with the default */
    bool quiet;
};

/* How a program ran once, where that is known. */
struct tune_count {
    bool known;
    struct counted_run run;
};

enum trial_state {
    TRIAL_GOOD,
    TRIAL_FAILED,     /* llvm-bolt makes nothing of it */
    TRIAL_DIFFERENT,  /* it does not do the same as the plain program */
    TRIAL_SAME_LAYOUT /* as an earlier trial made */
};

struct layout_trial {
    struct candidate candidate;
    enum trial_state state;
    size_t same_as; /* which trial, where TRIAL_SAME_LAYOUT */
    char path[PATH_MAX];
    char digest[STATE_KEY_SIZE]; /* of the file; empty: it is not made yet */
    struct tune_count runs[TUNE_WORKLOADS];
    double screened;  /* model's cycles of the screening workload, to the default's */
    double tuned;     /* the same of all workloads, weighted; 0: not known */
    double sure;      /* that, or `screened`, without what chance may have gained (chance.h) */
    double held_out;  /* of those held out; 0: not known or none */
    char reason[256]; /* why it failed */
};

enum tune_result {
    TUNE_BETTER,       /* the winner is handed over */
    TUNE_NOTHING,      /* nothing beats the default, which is handed over */
    TUNE_NOT_CONFIRMED /* the winner by counts was not, by time or in behaviour: the default is */
};

struct tune {
    const struct tune_request *request;
    struct state *state;
    struct bolt bolt;
    char directory[PATH_MAX];
    char profiles[TUNE_PROFILES][PATH_MAX]; /* fdata */
    const char *profile_names[TUNE_PROFILES];
    size_t profile_count;
    bool known[TUNE_AXES][TUNE_CHOICES]; /* by this llvm-bolt, for this binary */
    size_t workload_count;               /* those to tune for come first */
    struct tune_count plain[TUNE_WORKLOADS];
    size_t screening; /* the workload that is counted first: the shortest */
    struct layout_trial trials[TUNE_TRIALS];
    size_t trial_count; /* the first is the default */
    double chance;      /* what mispredicted branches may gain without merit (chance.h) */
    size_t winner;
    enum tune_result result;
    const char *why;                  /* of TUNE_NOT_CONFIRMED */
    struct measure_report comparison; /* A the default, B the winner */
    bool compared, time_was_up;
    size_t counted, kept; /* runs that were counted now, and those that were known */
    double seconds;       /* that it took */
};

#endif
