/*
 * A trace of a window: a taken branch and the range after it, once however often the window passes
 * it.  The steps of a commit (window_commit.h) hand arrays of these to each other.
 */
#ifndef SHIM_CORE_COMMIT_WINDOW_TRACE_H
#define SHIM_CORE_COMMIT_WINDOW_TRACE_H

#include <stdint.h>

#include "pgoshim/raw.h"

struct window_trace {
    struct pgoraw_trace *entry; /* NULL: the table had no room */
    uint32_t times;             /* places in the window */
    uint32_t credit;            /* scratch of weights_learn, 0 before it */
};

#endif
