/*
 * What LLVM calls the summary of a sample profile: how many places have the most of all
 * counts, by which it decides what is hot.
 */
#ifndef ANALYZER_MODEL_SAMPLES_SAMPLE_SUMMARY_H
#define ANALYZER_MODEL_SAMPLES_SAMPLE_SUMMARY_H

#include "analyzer/model/samples/sample_profile.h"

/* Places with at least this share of all counts, in parts per million, are hot to LLVM. */
#define SAMPLE_HOT 990000

/* The shares that a summary tells (llvm/lib/ProfileData/ProfileSummaryBuilder.cpp, DefaultCutoffs).
 */
#define SAMPLE_CUTOFFS 16
extern const uint32_t sample_cutoffs[SAMPLE_CUTOFFS];

struct sample_summary {
    uint64_t *counts; /* of all places; the largest first */
    size_t count_count, count_capacity;
    size_t function_count;
    uint64_t total;
    uint64_t largest_head;
};

/* The hottest places that together have a share of all counts. */
struct sample_cutoff {
    uint64_t smallest; /* count of them */
    size_t places;
};

/*
 * Functions that are told apart by their callers are added up first.  The caller
 * frees it also after a failure.
 */
bool sample_summary_build(struct sample_summary *summary, const struct sample_profile *samples,
                          struct error *error);
void sample_summary_free(struct sample_summary *summary);

/* `share` in parts per million. */
struct sample_cutoff sample_summary_cutoff(const struct sample_summary *summary, uint32_t share);

#endif
