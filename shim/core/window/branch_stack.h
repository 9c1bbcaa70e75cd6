/*
 * Branch stacks (LBR and its like) as the kernel hands them out, made into windows.
 * Source of the layout: perf_event_open(2), PERF_SAMPLE_BRANCH_STACK.
 */
#ifndef SHIM_CORE_WINDOW_BRANCH_STACK_H
#define SHIM_CORE_WINDOW_BRANCH_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/window/window.h"

/*
 * Makes `window` of a sample at the address `sample` and its branch stack: `count` entries of
 * {from, to, flags}, newest first.  False, with an empty window, where there are none or more than
 * a window holds.  Signal-safe.
 */
bool branch_stack_decode(const uint64_t *entries, uint64_t count, uint64_t sample,
                         struct window *window);

#endif
