#include "shim/core/life/threads.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "shim/core/budget/governor.h"
#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/kernel_version.h"
#include "shim/core/ground/random.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/life/closing.h"
#include "shim/core/life/signal_stacks.h"
#include "shim/core/samplers/ladder.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/thread_register.h"

#define SAMPLES_A_PACE 256        /* samples between two changes of a thread's period */
#define SAMPLES_A_COUNT 16        /* samples between two counts of its context switches */
#define LONG_ENOUGH_NS 100000000u /* of CPU time, to judge a thread by */
#define FEW_SWITCHES 8            /* more than these, and they are counted at every sample */
#define MANY_SWITCHES 32          /* enough to judge by how much they cost */
#define HANDLER_WAIT_NS 1000000   /* for another thread to leave its handler: each wait, */
#define HANDLER_WAITS 50          /* and their number */
#define REGISTER_WAITS 10000      /* of the same, for the register: many threads may be looked at */

static uint32_t register_locked;
static size_t ladder_first;
static uint32_t stack_every;
static uint8_t *first_signal_stack;
static bool signals_stay_blocked; /* in the first thread, which the end of its handler unblocks */
static const struct sampler *sampler_chosen;
static bool timers_allowed;   /* in place of a better clock that is dear */
static uint32_t timers_liked; /* some thread was switched to too often: new ones get timers */
static char sampler_reasons[512];

const struct sampler *threads_sampler(void)
{
    return sampler_chosen;
}

const char *threads_sampler_reasons(void)
{
    return sampler_reasons;
}

void threads_configure(const struct threads_settings *settings)
{
    ladder_first = settings->first_rung;
    stack_every = settings->stack_interval;
    first_signal_stack = settings->signal_stack;
    signals_stay_blocked = settings->in_handler;
    timers_allowed = kernel_timers_spare_system_calls();
}

static uint64_t timeval_ns(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_usec * 1000u;
}

static void period_choose(struct thread *thread)
{
    uint64_t period = governor_period();
    thread->paced_for = period;
    thread->samples_to_pace = SAMPLES_A_PACE;
    thread->period_ns = random_period(&thread->random_state, period);
}

/*
 * Tells the governor of CPU time that no sample has credited, and what the thread's clock has cost
 * beside its samples; a timer costs nothing.
 */
static void clock_cost_tell(struct thread *thread, enum pgoraw_sampler kind)
{
    uint64_t switches, cpu_ns;
    struct rusage usage = {0};

    thread->sampled_ns += thread->period_ns;
    if (thread->samples_to_count > 1) {
        thread->samples_to_count--;
        return;
    }
    if (system_call(SYS_getrusage, RUSAGE_THREAD, &usage) != 0)
        return;
    switches = (uint64_t)usage.ru_nvcsw + (uint64_t)usage.ru_nivcsw - thread->switches;
    cpu_ns = timeval_ns(&usage.ru_utime) + timeval_ns(&usage.ru_stime) - thread->cpu_ns;
    if (kind == PGORAW_SAMPLER_CPU_CLOCK)
        store_count(
            store_header(), PGORAW_COUNT_SWITCH_NANOSECONDS,
            governor_charge_thread(cpu_ns, switches, thread->period_ns, thread->sampled_ns));
    else if (cpu_ns > thread->sampled_ns)
        governor_earn(cpu_ns - thread->sampled_ns);
    thread->switches += switches;
    thread->cpu_ns += cpu_ns;
    thread->system_ns = timeval_ns(&usage.ru_stime);
    thread->sampled_ns = 0;
    thread->samples_to_count =
        kind == PGORAW_SAMPLER_CPU_CLOCK && switches > FEW_SWITCHES ? 1 : SAMPLES_A_COUNT;
}

/* False: it was stopped already. */
static bool sampler_stop(struct thread *thread)
{
    const struct sampler *sampler = __atomic_exchange_n(&thread->sampler, NULL, __ATOMIC_ACQ_REL);
    if (sampler)
        sampler->thread_stop(thread);
    return sampler != NULL;
}

/* Changes the thread over to a timer, in the handler.  False: it keeps its clock. */
static bool timer_take(struct thread *thread)
{
    const struct sampler *present = thread->sampler;

    if (!timers_allowed)
        return false;
    if (sampler_posix_timer.thread_start(thread, thread->period_ns) != 0) {
        timers_allowed = false; /* not asked for again at each sample */
        return false;
    }
    __atomic_store_n(&thread->sampler, &sampler_posix_timer, __ATOMIC_RELEASE);
    present->thread_stop(thread);
    store_count(store_header(), PGORAW_COUNT_THREADS_ON_TIMERS, 1);
    return true;
}

/* Its perf_event clock costs too much at switches; so it will in threads that begin later. */
static bool timer_take_for_switches(struct thread *thread)
{
    if (!timer_take(thread))
        return false;
    __atomic_store_n(&timers_liked, 1, __ATOMIC_RELAXED);
    return true;
}

static bool timer_is_better(const struct thread *thread)
{
    return thread->cpu_ns > LONG_ENOUGH_NS && governor_timers_are_cheaper() &&
           governor_ticks_are_fair(thread->switches, thread->cpu_ns, thread->system_ns);
}

/* Its clock would cost many times what all samples may. */
static bool switched_too_often(const struct thread *thread)
{
    return thread->cpu_ns > LONG_ENOUGH_NS &&
           !governor_switches_are_bearable(thread->switches, thread->cpu_ns);
}

/*
 * The perf_event clock costs time at each interrupt and switch.  False: the thread is sampled no
 * more.
 */
static bool clock_is_borne(struct thread *thread)
{
    if (timer_is_better(thread) && timer_take(thread))
        return true;
    if (thread->switches < MANY_SWITCHES ||
        governor_switches_are_cheap(thread->switches, thread->cpu_ns) ||
        timer_take_for_switches(thread) || !switched_too_often(thread))
        return true;
    thread->given_up = sampler_stop(thread);
    store_count(store_header(), PGORAW_COUNT_THREADS_GIVEN_UP, thread->given_up);
    return false;
}

/* A descriptor of ours was closed as soon as it was open, and not by a call that we see. */
static void closed_by_others(int result)
{
    if (result == -EBADF)
        closing_of_unknown();
}

void thread_keep_pace(struct thread *thread)
{
    const struct sampler *sampler = __atomic_load_n(&thread->sampler, __ATOMIC_ACQUIRE);
    int result;

    if (!sampler)
        return; /* all were stopped meanwhile */
    if (sampler->kind == PGORAW_SAMPLER_CPU_CLOCK || sampler->kind == PGORAW_SAMPLER_POSIX_TIMER)
        clock_cost_tell(thread, sampler->kind);
    if (sampler->kind == PGORAW_SAMPLER_CPU_CLOCK && !clock_is_borne(thread))
        return;
    if (--thread->samples_to_pace && thread->paced_for == governor_period())
        return;
    period_choose(thread);
    sampler = thread->sampler; /* it may have changed */
    result = sampler->thread_pace(thread, thread->period_ns);
    closed_by_others(result);
    if ((result == -ECANCELED || result == -EBADF) && sampler->kind == PGORAW_SAMPLER_CPU_CLOCK)
        timer_take_for_switches(thread);
}

/* Puts the thread on the first rung that holds, and notes why others did not.  False: none does. */
static bool ladder_climb(struct thread *thread)
{
    bool on_timer = __atomic_load_n(&timers_liked, __ATOMIC_RELAXED) ||
                    (timers_allowed && descriptors_are_forbidden());

    descriptors_await_forks();
    period_choose(thread);
    store_count(store_header(), PGORAW_COUNT_THREADS_ON_TIMERS, on_timer);
    for (size_t i = on_timer ? sampler_ladder_length - 1 : ladder_first; i < sampler_ladder_length;
         i++) {
        const struct sampler *sampler = sampler_ladder[i];
        int result = sampler->thread_start(thread, thread->period_ns);
        if (result == 0) {
            thread->sampler = sampler;
            if (!sampler_chosen)
                sampler_chosen = sampler;
            return true;
        }
        closed_by_others(result);
        if (!sampler_chosen) {
            size_t length = strlen(sampler_reasons);
            text_print(sampler_reasons + length, sizeof(sampler_reasons) - length, "not %s: %s\n",
                       sampler->name, text_of_error(-result));
        }
    }
    return false;
}

void thread_start(pid_t id, uint64_t stack_low, uint64_t stack_high)
{
    struct pgoraw_header *header = store_header();
    struct thread *thread = thread_make();
    bool own = id == system_thread_id();

    if (!thread) {
        store_count(header, PGORAW_COUNT_DROP_THREAD, 1);
        return;
    }
    thread->id = id;
    thread->stack_low = stack_low;
    thread->stack_high = stack_high;
    thread->random_state = (system_clock(CLOCK_MONOTONIC) ^ ((uint64_t)id << 32)) | 1; /* never 0 */
    thread->samples_to_stack =
        stack_every ? 1 + (uint32_t)(random_next(&thread->random_state) % stack_every) : 0;
    if (!thread_register_add(thread)) {
        thread_free(thread);
        store_count(header, PGORAW_COUNT_DROP_THREAD, 1);
        return;
    }
    if (own) {
        kernel_sigset ours = KERNEL_SIGSET_BIT(SHIM_SIGNAL);
        thread_register_set_current(thread);
        if (first_signal_stack)
            thread->signal_stack = first_signal_stack;
        else
            signal_stack_give(thread);
        if (!signals_stay_blocked)
            system_sigprocmask(SIG_UNBLOCK, &ours, NULL);
        first_signal_stack = NULL;
        signals_stay_blocked = false;
    }
    store_count(header, ladder_climb(thread) ? PGORAW_COUNT_THREADS : PGORAW_COUNT_DROP_THREAD, 1);
}

/*
 * Whoever looks at other threads' records, or frees its own, has the register to itself.  False:
 * not in time; the holder may be the code that a handler of the application has interrupted.
 */
static bool register_lock(void)
{
    struct timespec pause = {.tv_nsec = HANDLER_WAIT_NS};

    for (int i = 0; i < REGISTER_WAITS; i++) {
        if (!__atomic_exchange_n(&register_locked, 1, __ATOMIC_ACQUIRE))
            return true;
        system_call(SYS_nanosleep, &pause, NULL);
    }
    return false;
}

static void register_unlock(void)
{
    __atomic_store_n(&register_locked, 0, __ATOMIC_RELEASE);
}

/*
 * Ends the calling thread's clock; our signal is blocked from here on, and was as `old` says.  A
 * signal sent before may still be pending: it is taken, since nobody else will.
 */
static void own_clock_stop(struct thread *thread, kernel_sigset *old)
{
    kernel_sigset ours = KERNEL_SIGSET_BIT(SHIM_SIGNAL);
    struct timespec at_once = {0, 0};
    siginfo_t information;

    system_sigprocmask(SIG_BLOCK, &ours, old);
    sampler_stop(thread);
    while (system_call(SYS_rt_sigtimedwait, &ours, &information, &at_once, sizeof(ours)) > 0)
        ;
}

void thread_hold_back(bool held_back)
{
    struct thread *thread = thread_current();
    kernel_sigset old;

    if (!thread || thread->held_back == held_back)
        return;
    if (held_back) {
        if (!thread->sampler)
            return;
        own_clock_stop(thread, &old);
        system_sigprocmask(SIG_SETMASK, &old, NULL);
        store_count(store_header(), PGORAW_COUNT_DROP_THREAD, 1);
    } else {
        ladder_climb(thread);
    }
    thread->held_back = held_back;
}

void thread_stop(void)
{
    struct thread *thread = thread_current();
    kernel_sigset old;

    if (!thread)
        return;
    own_clock_stop(thread, &old);
    signal_stack_take_back(thread);
    thread_register_set_current(NULL);
    if (!register_lock()) {
        thread_register_remove(thread);
        return; /* somebody may look at the record: it stays */
    }
    thread_register_remove(thread);
    register_unlock();
    thread_free(thread);
}

/* Handlers that begin now find sampling paused; one that began before may use the thread's ring. */
static bool handler_was_left(const struct thread *thread)
{
    struct timespec pause = {.tv_nsec = HANDLER_WAIT_NS};

    for (int i = 0; i < HANDLER_WAITS; i++) {
        if (!__atomic_load_n(&thread->in_handler, __ATOMIC_SEQ_CST))
            return true;
        system_call(SYS_nanosleep, &pause, NULL);
    }
    return false;
}

void threads_stop_all(void)
{
    const struct thread *own = thread_current();
    bool locked = register_lock();

    for (uint32_t i = 0; i < thread_register_slots(); i++) {
        struct thread *thread = thread_register_at(i);
        if (thread && (thread == own || handler_was_left(thread)))
            sampler_stop(thread);
    }
    if (locked)
        register_unlock();
}

void threads_renew(void)
{
    const struct thread *own = thread_current();

    if (!register_lock())
        return;
    for (uint32_t i = 0; i < thread_register_slots(); i++) {
        struct thread *thread = thread_register_at(i);
        const struct sampler *sampler = thread ? thread->sampler : NULL;
        if (!sampler || sampler->kind == PGORAW_SAMPLER_POSIX_TIMER ||
            (thread != own && !handler_was_left(thread)))
            continue;
        if (sampler_stop(thread) && !ladder_climb(thread))
            store_count(store_header(), PGORAW_COUNT_DROP_THREAD, 1);
    }
    register_unlock();
}

void threads_fork_begin(void)
{
    struct thread *thread = thread_current();
    const struct sampler *sampler = thread ? thread->sampler : NULL;

    if (sampler)
        sampler->fork_begin(thread);
}

void threads_fork_end_parent(void)
{
    struct thread *thread = thread_current();
    const struct sampler *sampler = thread ? thread->sampler : NULL;

    if (sampler)
        sampler->fork_end(thread);
}

void threads_fork_end_child(void)
{
    struct thread *thread = thread_current();

    /* The kernel has copied neither ring nor timer; the memory of the other threads is useless. */
    for (uint32_t i = 0; i < thread_register_slots(); i++) {
        struct thread *other = thread_register_at(i);
        if (other && other != thread)
            thread_free(other);
    }
    thread_register_clear();
    register_unlock();
    if (!thread)
        return;
    thread->id = system_thread_id();
    thread->ring.mapping = NULL;
    thread->random_state ^= (uint64_t)thread->id << 20 | 2;
    thread->switches = thread->cpu_ns = thread->system_ns = 0;
    thread->sampled_ns = thread->samples_to_count = 0;
    if (thread->held_back)
        thread_register_add(thread);
    if (!thread->sampler && !thread->given_up)
        return;
    thread->sampler = NULL;
    thread->given_up = false;
    store_count(store_header(),
                thread_register_add(thread) && ladder_climb(thread) ? PGORAW_COUNT_THREADS
                                                                    : PGORAW_COUNT_DROP_THREAD,
                1);
}
