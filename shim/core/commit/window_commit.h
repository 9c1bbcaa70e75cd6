/*
 * What becomes of a finished window: its traces, their weights and their callers go to the store.
 *
 *   window_commit.c  the steps, and the traces of the window
 *   weights.c        how many executions the window stands for
 *   predictor.c      which of its branches a CPU would have mispredicted
 *   contexts.c       under which callers each trace was taken
 */
#ifndef SHIM_CORE_COMMIT_WINDOW_COMMIT_H
#define SHIM_CORE_COMMIT_WINDOW_COMMIT_H

#include "shim/core/window/window.h"

/*
 * Adds the sample and all branches of the window to the store, which is open.  What finds no room
 * there is dropped, and the drop is counted.  Signal-safe (shim/SIGNALS.md).
 */
void window_commit(const struct window *window);

#endif
