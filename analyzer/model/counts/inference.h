/*
 * Counts of branches where only samples are known: each function's samples become counts
 * of its blocks and of the ways between them that fit together.  The idea is that of He,
 * Mestre, Pupyrev, Wang and Yu, "Profile inference revisited", POPL 2022 (LLVM has it as
 * profi): the cheapest circulation in a network of blocks, where it costs to leave what
 * was sampled.  What costs are is our own, for samples that tell time.
 */
#ifndef ANALYZER_MODEL_COUNTS_INFERENCE_H
#define ANALYZER_MODEL_COUNTS_INFERENCE_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counts/edges.h"

enum inference_wanted {
    INFERENCE_AUTO, /* where no branches are known */
    INFERENCE_ON,   /* from the samples alone, whatever else is known */
    INFERENCE_OFF,
};

/* "auto", "on" or "off"; false for anything else. */
bool inference_parse(const char *text, enum inference_wanted *wanted);

/* A sample in a block of n instructions counts as this divided by n executions. */
#define INFERENCE_SCALE 1000

/*
 * The edges of one module of a normalised profile, from its samples alone: of
 * functions with samples, and calls from there.  Counts are in proportion, not
 * executions.  Only those functions are looked at; each takes time and memory in
 * proportion to its code and bounded work besides.  Edges are ordered as those
 * of edges_build, and freed with edges_free.  The same profile always gives the
 * same edges.
 */
bool inference_build(struct edges *edges, const struct profile *profile, uint32_t module,
                     const struct binary *binary, struct error *error);

/*
 * The same as a profile, for formats that take runs: a new, normalised one in which
 * module `module` has the runs of its blocks, the branches that were taken
 * between them and calls, and nothing else is.  What calls of its callers do not
 * account for enters a function from outside.  The caller frees it with profile_free;
 * NULL with ERROR_MEMORY.
 */
struct profile *inference_profile(const struct profile *profile, uint32_t module,
                                  const struct binary *binary, struct error *error);

#endif
