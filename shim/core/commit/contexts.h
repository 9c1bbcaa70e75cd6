/*
 * Who called the code that a window passes: its beginning's callers are known
 * where a call stack was taken there, and from then on each call adds one and
 * each return takes one away.  Signal-safe.
 */
#ifndef SHIM_CORE_COMMIT_CONTEXTS_H
#define SHIM_CORE_COMMIT_CONTEXTS_H

#include <stdint.h>

#include "shim/core/commit/window_trace.h"
#include "shim/core/window/window.h"

/*
 * Counts the window's traces by their callers, as far as those are certain: up to a
 * return to somewhere else than after the call, or beyond the outermost caller,
 * or a branch of which it is not known what it does.  Place i of the window is
 * traces[order[i]], and each counts `weight`, in 1/PGORAW_WEIGHT_ONE.
 */
void contexts_count(const struct window *window, const struct window_trace *traces,
                    const uint8_t *order, uint64_t weight);

#endif
