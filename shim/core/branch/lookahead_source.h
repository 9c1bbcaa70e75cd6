/* What look-ahead offers to another branch source. */
#ifndef SHIM_CORE_BRANCH_LOOKAHEAD_SOURCE_H
#define SHIM_CORE_BRANCH_LOOKAHEAD_SOURCE_H

#include <ucontext.h>

struct thread;
struct window;

/* What look-ahead's sample does, short of committing the window.  Signal-safe. */
void lookahead_predict(struct thread *thread, const ucontext_t *context, struct window *window);

#endif
