/* Single-stepping as a branch source: exact, and dear. */
#include "shim/core/branch/sources.h"
#include "shim/core/branch/stepping.h"
#include "shim/core/budget/governor.h"
#include "shim/core/commit/window_commit.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/thread.h"

static void step_ended(struct thread *thread, const ucontext_t *context, enum pgoraw_counter stop)
{
    (void)context;
    window_commit(&thread->window);
    store_count(store_header(), stop, 1);
}

static bool step_start(char *why, size_t why_size)
{
    return stepping_start(step_ended, why, why_size);
}

static void step_sample(struct thread *thread, ucontext_t *context)
{
    if (stepping_active(thread)) {
        store_count(store_header(), PGORAW_COUNT_DROP_STEP_BUSY, 1);
        return;
    }
    window_begin(&thread->window, (uint64_t)context->uc_mcontext.gregs[REG_RIP]);
    thread->window.begins_at_sample = true;
    thread->window.callers = thread->callers;
    thread->lookahead.branch_limit = governor_window();
    stepping_begin(thread, context, WINDOW_MOST_INSTRUCTIONS);
}

const struct branch_source branch_source_step = {
    .kind = PGORAW_BRANCHES_STEP, .name = "step", .start = step_start, .sample = step_sample};
