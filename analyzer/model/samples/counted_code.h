/*
 * Counts of code between instructions, from ranges that overlap.
 */
#ifndef ANALYZER_MODEL_SAMPLES_COUNTED_CODE_H
#define ANALYZER_MODEL_SAMPLES_COUNTED_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/source_lines.h"

/*
 * Told of a range of code whose instructions all have one count, in order of
 * address; it begins and ends between instructions.
 */
typedef bool sample_visitor(void *context, uint64_t start, uint64_t end, uint64_t count,
                            struct error *error);

/* Tells of all code of the functions that ran at all, what did not run with 0. */
bool sample_visit_code(const struct source_lines *lines, const struct transfers *transfers,
                       const struct binary *binary, sample_visitor *visit, void *context,
                       struct error *error);

#endif
