/*
 * Counts by pseudo-probes.
 */
#ifndef ANALYZER_MODEL_SAMPLES_BUILD_BY_PROBES_H
#define ANALYZER_MODEL_SAMPLES_BUILD_BY_PROBES_H

#include <stdbool.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/samples/sample_profile.h"

/* Fills the profile in, unsorted. */
bool build_by_probes(struct sample_profile *samples, const struct source_lines *lines,
                     const struct ranges_and_branches *counts, const struct binary *binary,
                     struct error *error);

#endif
