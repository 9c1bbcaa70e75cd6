/*
 * A branch predictor like a CPU's, in small: it says how many of a window's
 * branches a CPU would have got wrong.  That is most of what makes some code
 * take longer for a branch than other code, and the one part of it that can be
 * seen in a window: sorting is slow, and passes few branches, because nobody
 * can foresee them.
 *
 * It remembers what followed two traces in a row.  Process-wide, lock-free and
 * signal-safe; threads that meet in it cost each other a wrong guess at most.
 */
#ifndef SHIM_CORE_COMMIT_PREDICTOR_H
#define SHIM_CORE_COMMIT_PREDICTOR_H

#include <stdint.h>

#include "shim/core/commit/window_trace.h"

/*
 * Goes through a window (as in weights_learn), learning on the way.  Returns the
 * number of places that it would have foreseen wrongly; what it sees for the
 * first time does not count.
 */
uint32_t predictor_misses(const struct window_trace *traces, const uint8_t *order, uint32_t count);

#endif
