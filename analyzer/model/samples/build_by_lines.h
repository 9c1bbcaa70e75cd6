/*
 * Counts by source lines.
 */
#ifndef ANALYZER_MODEL_SAMPLES_BUILD_BY_LINES_H
#define ANALYZER_MODEL_SAMPLES_BUILD_BY_LINES_H

#include <stdbool.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/samples/sample_profile.h"

/* Whose compiler the profile is for. */
enum sample_rules { SAMPLE_RULES_LLVM, SAMPLE_RULES_GCC };

/* Fills the profile in, unsorted; for GCC the lines were opened with symbols. */
bool build_by_lines(struct sample_profile *samples, struct source_lines *lines,
                    const struct ranges_and_branches *counts, const struct binary *binary,
                    enum sample_rules rules, struct error *error);

#endif
