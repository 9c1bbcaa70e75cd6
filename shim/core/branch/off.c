/* No branches: the sampled address alone. */
#include "shim/core/branch/sources.h"
#include "shim/core/commit/window_commit.h"
#include "shim/core/thread/thread.h"

static bool off_start(char *why, size_t why_size)
{
    (void)why;
    (void)why_size;
    return true;
}

static void off_sample(struct thread *thread, ucontext_t *context)
{
    window_begin(&thread->window, (uint64_t)context->uc_mcontext.gregs[REG_RIP]);
    window_commit(&thread->window);
}

const struct branch_source branch_source_off = {
    .kind = PGORAW_BRANCHES_OFF, .name = "off", .start = off_start, .sample = off_sample};
