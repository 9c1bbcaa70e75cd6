/*
 * The CPU's own branch stack (LBR and its like), which the kernel puts beside
 * each sample in the perf ring.  Entries come newest first.
 * Source of the layout: perf_event_open(2), PERF_SAMPLE_BRANCH_STACK.
 */
#include "shim/core/thread/source.h"
#include "shim/core/thread/thread.h"
#include "shim/core/window/branch_stack.h"

bool branch_stack_decode(const uint64_t *entries, uint64_t count, uint64_t sample,
                         struct window *window)
{
    window_begin(window, sample);
    if (count == 0 || count > WINDOW_MOST_BRANCHES)
        return false;
    for (uint64_t i = count; i-- > 0;)
        window_add(window, entries[i * 3], entries[i * 3 + 1], BRANCH_ANY, 0);
    /* The sample follows its newest branch, in a straight run unless the run was interrupted. */
    if (sample >= window->branches[window->count - 1].to)
        window->last = sample;
    return true;
}

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
