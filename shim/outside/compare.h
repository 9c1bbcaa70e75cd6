/*
 * A test: what look-ahead said of a stopped thread, held against stepping it.
 */
#ifndef SHIM_OUTSIDE_COMPARE_H
#define SHIM_OUTSIDE_COMPARE_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/core/lookahead/lookahead.h"
#include "shim/core/window/window.h"
#include "shim/outside/stop.h"

/*
 * `predicted` is what `lookahead` made of the thread, which stands still and has stepped to the end
 * of it afterwards.  The window is committed; false: it was not judged, since the thread went
 * another way, and was let go.
 */
bool compare_stopped(pid_t thread, struct stopped *stopped, const struct lookahead *lookahead,
                     const struct window *predicted);

#endif
