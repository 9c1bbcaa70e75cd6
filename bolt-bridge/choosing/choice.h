/*
 * Which kind of profile makes the best program: the build is run without one and with each kind,
 * what it makes is counted on workloads (counting/), and the best is built.
 *
 *     struct choice choice;
 *     done = choice_make(&choice, &request, &error);
 *     ... choice.builds, choice.winner, choice.rebuild ...
 *     choice_free(&choice);
 *
 * Every program is counted once, by valgrind, whose counts are the same at every run.  A profile
 * that makes nothing better than the plain build by COUNT_DECISIVE is not used.  Where the request
 * can relink, each build is counted after that, too: what is best alone need not be so with BOLT.
 */
#ifndef BOLT_BRIDGE_CHOOSING_CHOICE_H
#define BOLT_BRIDGE_CHOOSING_CHOICE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/counting/counted_run.h"
#include "bolt-bridge/counting/verdict.h"
#include "bolt-bridge/process/workload.h"
#include "bolt-bridge/toolchain/rebuild.h"

#define CHOICE_KINDS 4
/* Each alone, and relinked. */
#define CHOICE_BUILDS (2 * CHOICE_KINDS)

struct choice_build;

/* All pointers are borrowed. */
struct choice_request {
    struct rebuild_request rebuild; /* its kind is not used */
    const struct workloads *workloads;
    bool output_may_differ;
    /* What was found, from number `first` on; called as it is found. */
    void (*tell)(const struct findings *findings, size_t first);
    /*
     * Makes relinked->path of a build that was counted; false: it cannot be, which leaves out the
     * relinked one alone, but for ERROR_INTERRUPTED, ERROR_MEMORY and ERROR_WRITE.  NULL: builds
     * are judged by themselves.
     */
    bool (*relink)(void *context, const struct choice_build *build, struct choice_build *relinked,
                   struct error *error);
    void *relink_context;
};

/* One way to build, and what came out. */
struct choice_build {
    enum rebuild_kind kind;
    char name[24];       /* "plain", "lines", "probes", "ir"; of Go "stacks"; "ir + BOLT" */
    size_t made_of;      /* the number of the build that was relinked; of a build its own */
    char path[PATH_MAX]; /* a copy of what it made */
    char reason[1024];   /* why it cannot be chosen; empty: it can */
    struct counted_run runs[MEASURE_WORKLOADS];
    struct count_judgement judgement; /* against the plain one */
};

struct choice {
    const struct choice_request *request;
    struct choice_build builds[CHOICE_BUILDS]; /* the plain one first */
    size_t count;
    size_t built;           /* how many of these the build command made; then the relinked ones */
    size_t winner;          /* 0: none is better than the plain one */
    struct rebuild rebuild; /* of the winner, or of what was relinked to it */
    /* What that was asked, and the recorded program and the result, as the plain build tells. */
    struct rebuild_request building;
    char recorded[PATH_MAX], result[PATH_MAX];
};

/*
 * Leaves the winner's build where the build command puts it; what was relinked of it is at its
 * path.  Errors: those of rebuild_prepare for
 * the plain build; ERROR_TOOL_FAILED where that fails, or the winner cannot be built once more;
 * ERROR_WORKLOAD_FAILED where the plain program crashes; ERROR_USAGE for servers, whose work is not
 * the same twice; ERROR_TOOL_MISSING without valgrind.  What fails with a profile is a result.
 */
bool choice_make(struct choice *choice, const struct choice_request *request, struct error *error);

/* What choice_make() would refuse before anything is built: ERROR_USAGE, ERROR_TOOL_MISSING. */
bool choice_check(const struct workloads *workloads, struct error *error);

/* Of builds that were judged: that of the fewest model cycles, if better than the plain one; 0:
 * none is. */
size_t choice_find_fewest(const struct choice_build *builds, size_t count);

/*
 * The best, or 0.  Of those that have hardly more model cycles than the fewest, by less than
 * COUNT_DECISIVE of the plain one's, it is the one of the fewest without taken jumps.
 */
size_t choice_find_winner(const struct choice_build *builds, size_t count);

/* The build that won, or that was relinked to what won. */
const struct choice_build *choice_winner_build(const struct choice *choice);

/* Takes one that failed, too. */
void choice_free(struct choice *choice);

#endif
