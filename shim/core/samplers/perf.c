/* The three perf_event rungs. */
#include <linux/perf_event.h>

#include "shim/core/ground/perf_event.h"
#include "shim/core/samplers/ladder.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/thread.h"
#include "shim/core/window/branch_stack.h"

/* One page holds a sample with 32 branches five times over. */
#define DATA_PAGES 1

static int event_open(struct thread *thread, struct perf_event_attr *event)
{
    event->disabled = 1; /* until its overflows have an owner */
    event->wakeup_events = 1;
    return perf_ring_open(&thread->ring, event, thread->id, SHIM_SIGNAL, DATA_PAGES);
}

static int open_cycles(struct thread *thread, uint64_t period_ns, bool branches)
{
    struct perf_event_attr event = perf_event_of(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
    event.freq = 1;
    event.sample_freq = 1000000000u / period_ns;
    if (event.sample_freq == 0)
        event.sample_freq = 1;
    if (branches) {
        event.sample_type |= PERF_SAMPLE_BRANCH_STACK;
        event.branch_sample_type = PERF_SAMPLE_BRANCH_USER | PERF_SAMPLE_BRANCH_ANY;
    }
    return event_open(thread, &event);
}

static int branches_start(struct thread *thread, uint64_t period_ns)
{
    return open_cycles(thread, period_ns, true);
}

static int cycles_start(struct thread *thread, uint64_t period_ns)
{
    return open_cycles(thread, period_ns, false);
}

static int clock_start(struct thread *thread, uint64_t period_ns)
{
    struct perf_event_attr event = perf_event_of(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);
    event.sample_period = period_ns;
    return event_open(thread, &event);
}

static void perf_stop(struct thread *thread)
{
    store_count(store_header(), PGORAW_COUNT_DROP_BLOCKED,
                perf_ring_take(&thread->ring, &thread->ring_sample));
    perf_ring_close(&thread->ring);
}

/* A new event: the descriptor by which the old one could be changed is closed. */
static int perf_pace(struct thread *thread, uint64_t period_ns)
{
    struct perf_ring old = thread->ring;
    int result = thread->sampler->thread_start(thread, period_ns);
    if (result < 0)
        thread->ring = old;
    else
        perf_ring_close(&old);
    return result;
}

static uint64_t perf_sample_due(struct thread *thread, struct window *window, bool *has_branches)
{
    struct ring_sample *sample = &thread->ring_sample;

    uint64_t taken = perf_ring_take(&thread->ring, sample);

    *has_branches = false;
    if (taken == 0)
        return 0;
    store_count(store_header(), PGORAW_COUNT_DROP_BLOCKED, taken - 1);
    if (thread->sampler->kind == PGORAW_SAMPLER_HARDWARE_BRANCHES)
        *has_branches =
            branch_stack_decode(sample->branches, sample->branch_count, sample->address, window);
    return sample->time;
}

/* User-mode events cannot fire inside fork. */
static void perf_fork(struct thread *thread)
{
    (void)thread;
}

static bool perf_owns(const siginfo_t *information)
{
    return information->si_code == POLL_IN || information->si_code == POLL_HUP;
}

#define PERF_SAMPLER(variable, kind_, name_, start_)                                               \
    const struct sampler variable = {.kind = (kind_),                                              \
                                     .name = (name_),                                              \
                                     .thread_start = (start_),                                     \
                                     .thread_pace = perf_pace,                                     \
                                     .sample_due = perf_sample_due,                                \
                                     .thread_stop = perf_stop,                                     \
                                     .fork_begin = perf_fork,                                      \
                                     .fork_end = perf_fork,                                        \
                                     .owns = perf_owns}

PERF_SAMPLER(sampler_perf_branches, PGORAW_SAMPLER_HARDWARE_BRANCHES,
             "perf_event CPU cycles with branch stack", branches_start);
PERF_SAMPLER(sampler_perf_cycles, PGORAW_SAMPLER_HARDWARE, "perf_event CPU cycles", cycles_start);
PERF_SAMPLER(sampler_perf_clock, PGORAW_SAMPLER_CPU_CLOCK, "perf_event software CPU clock",
             clock_start);
