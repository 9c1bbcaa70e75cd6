/*
 * What a comparison of look-ahead with single-stepping found: counted, and with
 * PGOSHIM_LOG listed.  For tests.  Signal-safe.
 */
#ifndef SHIM_CORE_BRANCH_COMPARE_H
#define SHIM_CORE_BRANCH_COMPARE_H

#include <ucontext.h>

#include "pgoshim/raw.h"

struct lookahead;
struct window;

/*
 * `lookahead` predicted `predicted`; stepping made `real` of it, and the thread is at
 * `context`, the window having ended by `stop`.  Commits the predicted window.
 */
void compare_judge(const struct lookahead *lookahead, const struct window *predicted,
                   const struct window *real, const ucontext_t *context, enum pgoraw_counter stop);

#endif
