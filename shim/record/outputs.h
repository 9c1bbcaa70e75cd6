/* The raw files of a recording: room for them before it, what is in them after it. */
#ifndef SHIM_RECORD_OUTPUTS_H
#define SHIM_RECORD_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/record/options.h"
#include "shim/record/reasons.h"

/*
 * Refuses an output that exists, or removes it with --force; tries whether its
 * directory can be written to.  False: it cannot be used, and was said.
 */
bool outputs_prepare(const struct record_options *options);

/*
 * Says what was recorded since `start_ns` (CLOCK_REALTIME); removes files without a sample whose
 * process is gone.  Where there are no samples, says why.
 */
void outputs_summarize(const struct record_options *options, uint64_t start_ns,
                       const struct outcome *outcome);

#endif
