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
typedef bool counted_code_visitor(void *context, uint64_t start, uint64_t end, uint64_t count,
                                  struct error *error);

/* Tells of all code of the functions that ran at all, what did not run with 0. */
bool counted_code_visit(const struct source_lines *lines, const struct ranges_and_branches *counts,
                        const struct binary *binary, counted_code_visitor *visit, void *context,
                        struct error *error);

#endif
