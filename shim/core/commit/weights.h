/*
 * Weights: how many executions a window stands for, compared with others.
 * Windows begin where time is spent, so code that takes long for a branch begins
 * too many of them; but what a window passes later on, it passes as
 * often as it is executed.  A window's weight is therefore, for the trace that
 * it begins with, the passes over the starts of that trace.
 *
 * Twice over: the first weights come from all windows alike, the second, which
 * count, from windows weighed by their first (docs/lookahead.md, Counts, says
 * how well that does).  Signal-safe, lock-free; what it learns is in the shared
 * file, so threads and processes learn together.
 */
#ifndef SHIM_CORE_COMMIT_WEIGHTS_H
#define SHIM_CORE_COMMIT_WEIGHTS_H

#include <stdint.h>

#include "shim/core/commit/window_trace.h"

#define WEIGHTS_SMOOTHING 3u /* passes and starts that every trace is given */
#define WEIGHTS_LARGEST 20u  /* no window stands for more */

/*
 * Learns from a window and returns its weight, in 1/PGORAW_WEIGHT_ONE.  The
 * window has `count` places, and place i is traces[order[i]]; the first one
 * follows the sample.  Every window gives one start and passes of one in all.
 */
uint64_t weights_learn(struct window_trace *traces, const uint8_t *order, uint32_t count);

#endif
