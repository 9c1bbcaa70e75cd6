/*
 * The profile that a program with LLVM's counters in it (-fprofile-generate) would have
 * written, made from counts by address of one without: per function its counters, and per
 * indirect call whom it called.  docs/ir-profiles.md describes the method.
 */
#ifndef ANALYZER_MODEL_COUNTERS_COUNTER_PROFILE_H
#define ANALYZER_MODEL_COUNTERS_COUNTER_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counters/block_flow.h"
#include "analyzer/model/counters/block_weights.h"
#include "analyzer/model/ir/ir_program.h"
#include "analyzer/model/profile/profile.h"

/* A value that a site saw: the profile's name of a function that was called. */
struct counter_value {
    const char *target;
    uint64_t count;
};

struct counter_site {
    uint32_t kind; /* enum ir_site_kind */
    size_t first_value, value_count;
};

struct counter_record {
    const char *name; /* "NAME", or "FILE;NAME" of a local function */
    uint64_t hash;
    size_t first_counter, counter_count;
    size_t first_site, site_count; /* by kind, then in LLVM's order */
};

/* What became of what is known. */
struct counter_statistics {
    uint64_t functions;               /* of the dumps */
    uint64_t counted, without_counts; /* written with counts, and with zeros alone */
    uint64_t weak;                    /* with hardly a sample: not written */
    uint64_t unmapped;                /* with samples that found no block: not written */
    uint64_t blocks[WEIGHT_SOURCES]; /* of functions with counts, by where their weights are from */
    uint64_t sites, sites_with_targets;
    uint64_t sites_with_merged; /* of the latter: those of several calls that the release merged */
    uint64_t ran;               /* bytes of code times how often they ran */
    uint64_t ran_in_dumps;      /* in functions that the dumps have */
    uint64_t ran_unmapped;      /* in functions that are not written */
    struct block_flow_residual residual;
};

/* Begins as {0}. */
struct counter_profile {
    struct ir_program program;      /* has the names */
    struct counter_record *records; /* in the order of the dumps */
    size_t record_count, record_capacity;
    uint64_t *counters;
    size_t counter_count, counter_capacity;
    struct counter_site *sites;
    size_t site_count, site_capacity;
    struct counter_value *values; /* of each site the most frequent first */
    size_t value_count, value_capacity;
    struct counter_statistics statistics;
};

/*
 * Of one module of a profile, from the dumps in `directory`.  ERROR_OPEN, ERROR_READ, ERROR_IR
 * for the dumps; ERROR_OTHER_IR where they are not of the binary; ERROR_NO_DEBUG_INFO where it
 * has no source lines for the code that ran.  The caller frees it, also after a failure.
 */
bool counter_profile_build(struct counter_profile *counters, const struct profile *profile,
                           uint32_t module, const struct binary *binary, const char *directory,
                           struct error *error);

void counter_profile_free(struct counter_profile *counters);

#endif
