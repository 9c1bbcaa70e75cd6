/*
 * The way through a profile that all edges of one module come from: its taken branches, but for
 * returns, which are no edges, and its ranges.
 */
#ifndef ANALYZER_MODEL_COUNTS_TRACE_WALK_H
#define ANALYZER_MODEL_COUNTS_TRACE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counts/edge_list.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/* What is made of a trace; false ends the walk, with the error set. */
struct trace_walk {
    /* A branch out of the module, into it or inside it. */
    bool (*add_branch)(void *context, const struct trace *trace);
    /* The range that begins in the module, after a return or another branch. */
    bool (*add_range)(void *context, const struct trace *trace, bool by_return);
    void *context;
};

/* Visits the traces of the module; returns are told apart by the code that is in `binaries`. */
bool trace_walk_module(const struct trace_walk *walk, struct edges *edges,
                       const struct profile *profile, uint32_t module, struct binaries *binaries);

/* The function that the range is in; NULL, and counted, where it is in none or in several. */
const struct function *trace_walk_range_function(struct edges *edges, const struct binary *binary,
                                                 const struct trace *trace);

#endif
