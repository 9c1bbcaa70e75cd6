/*
 * Branch stacks as the kernel hands them out, made into windows.  Apart from
 * the source itself so that recorded data can test it.  Signal-safe.
 */
#ifndef SHIM_CORE_WINDOW_BRANCH_STACK_H
#define SHIM_CORE_WINDOW_BRANCH_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/window/window.h"

/*
 * `entries`: `count` times {from, to, flags}, newest first.  False, with an
 * empty window, where there are none or more than a window holds.
 */
bool branch_stack_decode(const uint64_t *entries, uint64_t count, uint64_t sample,
                         struct window *window);

#endif
