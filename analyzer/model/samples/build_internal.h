/*
 * What sample_build.c, sample_code.c, sample_contexts.c, sample_copies.c, sample_lines.c and
 * sample_probes.c share.
 * Nobody else includes this.
 */
#ifndef ANALYZER_MODEL_SAMPLES_BUILD_INTERNAL_H
#define ANALYZER_MODEL_SAMPLES_BUILD_INTERNAL_H

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/samples/build_by_callers.h"
#include "analyzer/model/samples/sample_profile.h"

/*
 * Told of a stretch of code whose instructions all have one count, in order of
 * address; it begins and ends between instructions.
 */
typedef bool sample_visitor(void *context, uint64_t start, uint64_t end, uint64_t count,
                            struct error *error);

/* Tells of all code of the functions that ran at all, what did not run with 0. */
bool sample_visit_code(const struct source_lines *lines, const struct transfers *transfers,
                       const struct binary *binary, sample_visitor *visit, void *context,
                       struct error *error);

/* Whose compiler the profile is for. */
enum sample_rules { SAMPLE_RULES_LLVM, SAMPLE_RULES_GCC };

/* Fill the profile in, unsorted; the lines were opened with symbols for the second. */
bool sample_count_lines(struct sample_profile *samples, struct source_lines *lines,
                        const struct transfers *transfers, const struct binary *binary,
                        enum sample_rules rules, struct error *error);
bool sample_count_probes(struct sample_profile *samples, const struct source_lines *lines,
                         const struct transfers *transfers, const struct binary *binary,
                         struct error *error);
bool sample_count_contexts(struct sample_profile *samples, const struct source_lines *lines,
                           const struct transfers *transfers, const struct profile *profile,
                           uint32_t module, const struct binary *binary,
                           const struct context_options *options, struct error *error);

#endif
