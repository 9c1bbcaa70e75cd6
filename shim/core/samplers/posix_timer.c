/*
 * The last rung: a POSIX timer on the thread's CPU-time clock, for where
 * perf_event_open is refused (containers), and for threads that are switched to
 * so often that a perf_event clock is too dear.  The kernel looks at these timers
 * at its own tick, so rates above 100 to 1,000 a second are not reached, and
 * the signal may come at the end of a system call.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "shim/core/ground/random.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/samplers/ladder.h"
#include "shim/core/thread/thread.h"

/* The address of this tells our timers from the application's. */
static char timer_mark;

/* The kernel's number for the CPU-time clock of a thread of this process (linux/posix-timers.h). */
static long thread_clock(int thread_id)
{
    return (long)((~(unsigned)thread_id << 3) | 4 /* per thread */ | 2 /* scheduler time */);
}

static long timer_arm(const struct thread *thread, uint64_t first_ns, uint64_t period_ns)
{
    struct itimerspec setting = {
        .it_interval = {(time_t)(period_ns / 1000000000u), (long)(period_ns % 1000000000u)},
        .it_value = {(time_t)(first_ns / 1000000000u), (long)(first_ns % 1000000000u)},
    };
    return system_call(SYS_timer_settime, thread->timer, 0, &setting, NULL);
}

static int timer_thread_start(struct thread *thread, uint64_t period_ns)
{
    struct sigevent event;
    long result;
    int timer = -1;

    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SHIM_SIGNAL;
    event.sigev_value.sival_ptr = &timer_mark;
    event._sigev_un._tid = thread->id;
    result = system_call(SYS_timer_create, (int)thread_clock(thread->id), &event, &timer);
    if (result < 0)
        return (int)result;
    thread->timer = timer;
    thread->timer_period_ns = period_ns;
    /* A random phase: many short threads are then seen fairly. */
    result = timer_arm(thread, 1 + random_next(&thread->random_state) % period_ns, period_ns);
    if (result < 0)
        system_call(SYS_timer_delete, timer);
    return (int)result;
}

static int timer_pace(struct thread *thread, uint64_t period_ns)
{
    thread->timer_period_ns = period_ns;
    return (int)timer_arm(thread, period_ns, period_ns);
}

static uint64_t timer_sample_due(struct thread *thread, struct window *window, bool *has_branches)
{
    (void)thread;
    (void)window;
    *has_branches = false;
    return 0;
}

static void timer_thread_stop(struct thread *thread)
{
    system_call(SYS_timer_delete, thread->timer);
}

static void timer_fork_begin(struct thread *thread)
{
    timer_arm(thread, 0, 0);
}

static void timer_fork_end(struct thread *thread)
{
    timer_arm(thread, 1 + random_next(&thread->random_state) % thread->timer_period_ns,
              thread->timer_period_ns);
}

static bool timer_owns(const siginfo_t *information)
{
    return information->si_code == SI_TIMER && information->si_value.sival_ptr == &timer_mark;
}

const struct sampler sampler_posix_timer = {.kind = PGORAW_SAMPLER_POSIX_TIMER,
                                            .name = "POSIX timers on CPU time",
                                            .thread_start = timer_thread_start,
                                            .thread_pace = timer_pace,
                                            .sample_due = timer_sample_due,
                                            .thread_stop = timer_thread_stop,
                                            .fork_begin = timer_fork_begin,
                                            .fork_end = timer_fork_end,
                                            .owns = timer_owns};
