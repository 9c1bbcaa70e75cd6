/*
 * What the two forms of LLVM's profile of counters share.
 */
#ifndef ANALYZER_WRITE_COUNTERS_H
#define ANALYZER_WRITE_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/model/counters/counter_profile.h"
#include "analyzer/write/format.h"

/*
 * Makes the counters of what is to be written, and says what became of samples.  ERROR_USAGE
 * without a directory of dumps, or as counter_profile_build.  The caller frees them, also after a
 * failure.
 */
bool counters_build_input(struct counter_profile *counters, const struct writer_input *input,
                          struct error *error);

/* How many kinds of value sites a function has. */
size_t counter_record_kinds(const struct counter_profile *counters,
                            const struct counter_record *record);

#endif
