/*
 * Is a profile good enough to optimise a binary with?  Five questions, each with a
 * verdict: is it of this build, are there enough samples, would a longer recording
 * differ (convergence.h), does the code still have the branches that were counted
 * (staleness.h), and how densely is the hot code counted.
 */
#ifndef ANALYZER_MODEL_COMPARE_QUALITY_H
#define ANALYZER_MODEL_COMPARE_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/verdict.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/compare/staleness.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

/* A number or a word that a finding rests on. */
struct quality_figure {
    const char *name;
    enum quality_figure_kind { QUALITY_COUNT, QUALITY_REAL, QUALITY_WORD } kind;
    uint64_t count;
    double real;
    const char *word;
};

#define QUALITY_FIGURES 4
#define QUALITY_FINDINGS 5

struct quality_finding {
    const char *name; /* "build", "samples", "convergence", "staleness" or "coverage" */
    enum verdict verdict;
    char text[640];   /* a line; may hold names of any bytes */
    char remedy[256]; /* what to do; empty where the verdict is ok */
    struct quality_figure figures[QUALITY_FIGURES];
    size_t figure_count;
};

struct quality {
    enum verdict verdict; /* the worst of the findings */
    struct quality_finding findings[QUALITY_FINDINGS];
    size_t finding_count;
    struct staleness staleness; /* what the finding "staleness" rests on */
};

/* What is judged. */
struct quality_subject {
    /* One of both: by address, normalised, or by symbol, sorted. */
    const struct profile *profile;
    const struct symbol_profile *symbols;
    const struct binary *binary; /* the build that is to be optimised */
    /*
     * The module of `profile` that stands for another build of the binary; where it is
     * PROFILE_MODULE_NONE, the one with the binary's file name, or the program itself.
     */
    uint32_t module;
    /*
     * Two halves of the profile, recorded apart, by symbol and sorted: they tell how runs
     * differ.  NULL: the counts are split at random.
     */
    const struct symbol_profile *halves[2];
    const char *path; /* the profile's file, for errors */
};

/*
 * Judges.  ERROR_NO_SAMPLES where there is nothing to judge, ERROR_NOT_IN_PROFILE or
 * ERROR_BUILD_ID where no module can stand for the binary, or what reading the binary's
 * code says.  The subject must outlive `quality`, which the caller frees also after a failure.
 */
bool quality_judge(struct quality *quality, const struct quality_subject *subject,
                   struct error *error);

/* The functions with the most counts that do not fit the code: how many are listed. */
#define QUALITY_STALE_LISTED 5
size_t quality_stale_functions(const struct quality *quality);

void quality_free(struct quality *quality);

#endif
