/* The CPU's own branch stack, which the kernel puts beside each sample in the perf ring. */
#include "shim/core/branch/sources.h"
#include "shim/core/commit/window_commit.h"
#include "shim/core/thread/thread.h"

static bool hardware_start(char *why, size_t why_size)
{
    (void)why;
    (void)why_size;
    return true; /* the sampler's rung says whether there is a branch stack */
}

static void hardware_sample(struct thread *thread, ucontext_t *context)
{
    if (!thread->has_branches)
        window_begin(&thread->window, (uint64_t)context->uc_mcontext.gregs[REG_RIP]);
    window_commit(&thread->window);
}

const struct branch_source branch_source_hardware = {.kind = PGORAW_BRANCHES_HARDWARE,
                                                     .name = "lbr",
                                                     .start = hardware_start,
                                                     .sample = hardware_sample};
