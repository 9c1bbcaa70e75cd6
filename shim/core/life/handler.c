#include "shim/core/life/handler.h"

#include <errno.h>

#include "shim/core/budget/governor.h"
#include "shim/core/ground/cpu_state.h"
#include "shim/core/ground/kernel_signal.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/own_stack.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/life/signal_stacks.h"
#include "shim/core/life/threads.h"
#include "shim/core/modules/modules.h"
#include "shim/core/pages/pages.h"
#include "shim/core/samplers/ladder.h"
#include "shim/core/stacks/stacks.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/thread_block.h"
#include "shim/core/thread/thread_register.h"

/* A sample that comes sooner than this had waited while the one before was taken. */
#define TOO_SOON_NS 20000

static struct handler_settings settings;
static uint32_t paused;

void handler_use_source(const struct branch_source *source)
{
    settings.source = source;
}

void handler_stop_stacks(void)
{
    __atomic_store_n(&settings.stack_interval, 0, __ATOMIC_RELAXED);
}

bool handler_pause(bool pause)
{
    return __atomic_exchange_n(&paused, pause, __ATOMIC_SEQ_CST);
}

/* Begins the sample's pages, with the part of the thread's stack that is in use, in whole lines. */
static void pages_begin_at(struct thread *thread, const ucontext_t *context)
{
    uint64_t stack = (uint64_t)context->uc_mcontext.gregs[REG_RSP] / LINE_SIZE * LINE_SIZE;
    bool own = stack >= thread->stack_low && stack < thread->stack_high;
    pages_begin(&thread->pages, own ? stack : 0, own ? thread->stack_high : 0);
}

static void sample_take(struct thread *thread, ucontext_t *context)
{
    pages_begin_at(thread, context);
    modules_begin((uint64_t)context->uc_mcontext.gregs[REG_RIP]);
    /* Before the window, which goes on from the callers. */
    thread->callers = (struct callers){0};
    if (settings.stack_interval && --thread->samples_to_stack == 0) {
        thread->samples_to_stack = settings.stack_interval;
        stacks_sample(context, &thread->pages, &thread->callers);
    }
    settings.source->sample(thread, context);
}

/*
 * Whether the signal waited for the end of a system call, whose instruction leaves its return
 * address in rcx.  perf_event's clocks count in user mode and make no such samples.
 */
static bool in_system_call(const struct thread *thread, const ucontext_t *context)
{
    const greg_t *registers = context->uc_mcontext.gregs;
    return thread->sampler->kind == PGORAW_SAMPLER_POSIX_TIMER &&
           registers[REG_RCX] == registers[REG_RIP];
}

static void sample_handle(struct thread *thread, ucontext_t *context)
{
    struct pgoraw_header *header = store_header();
    struct governor_cost cost;
    uint64_t start, due;
    bool taken;

    /* After in_handler was set: whoever pauses sees the one, or we the other. */
    if (__atomic_load_n(&paused, __ATOMIC_SEQ_CST)) {
        store_count(header, PGORAW_COUNT_DROP_PAUSED, 1);
        return;
    }
    start = system_clock(CLOCK_MONOTONIC);
    due = thread->sampler->sample_due(thread, &thread->window, &thread->has_branches);
    if (start - thread->handler_left_ns < TOO_SOON_NS) {
        store_count(header, PGORAW_COUNT_DROP_TOO_SOON, 1);
        return;
    }
    taken = governor_allows(thread->period_ns);
    if (in_system_call(thread, context)) {
        store_count(header, PGORAW_COUNT_DROP_SYSTEM_CALL, 1);
        taken = false;
    } else if (!taken) {
        store_count(header, PGORAW_COUNT_DROP_BUDGET, 1);
    } else {
        sample_take(thread, context);
    }
    thread_keep_pace(thread);
    thread->handler_left_ns = system_clock(CLOCK_MONOTONIC);
    if (taken)
        governor_window_cost(thread->window.count, thread->handler_left_ns - start);
    cost = governor_charge(thread->handler_left_ns - start, due && due < start ? start - due : 0);
    store_count(header, PGORAW_COUNT_DELIVERY_NANOSECONDS, cost.delivery_ns);
    store_count(header, PGORAW_COUNT_HANDLER_NANOSECONDS, cost.handler_ns);
    __atomic_store_n(&header->period_ns, governor_period(), __ATOMIC_RELAXED);
}

/* A signal stack may lie behind a key that is closed as long as no handler runs. */
static bool frame_can_be_read(const ucontext_t *context)
{
    if (cpu_keys_take_over(context) &&
        (!cpu_has_keys() || memory_is_readable((uint64_t)(uintptr_t)context)))
        return true;
    cpu_keys_open();
    return false;
}

/* On our own stack. */
static void sample_enter(void *argument, ucontext_t *context)
{
    struct thread *thread = argument;

    if (!frame_can_be_read(context)) {
        store_count(store_header(), PGORAW_COUNT_DROP_FRAME, 1);
        return;
    }
    signal_stack_expire(thread, context);
    sample_handle(thread, context);
    cpu_keys_open(); /* the program's may forbid to write to the signal stack */
}

/* Of the timer by which we waited for our start. */
static bool is_earlier(const siginfo_t *information)
{
    return settings.earlier_timer && information->si_code == SI_TIMER &&
           information->si_value.sival_ptr == settings.earlier_timer;
}

static __attribute__((noinline)) void handle_in_thread(int signal, siginfo_t *information,
                                                       void *context)
{
    int saved_errno = errno;
    struct thread *thread = thread_current();
    const struct sampler *sampler = thread ? thread->sampler : NULL;

    if (!sampler || !sampler->owns(information)) {
        bool ours = is_earlier(information);
        for (size_t i = 0; i < sampler_ladder_length; i++)
            ours = ours || sampler_ladder[i]->owns(information);
        errno = saved_errno;
        /* From kill() and the like; ours that come after a stop are ignored. */
        if (!ours && !settings.forward_signal(signal, information, context))
            kernel_signal_default(signal);
        return;
    }
    if (thread->in_handler) {
        store_count(store_header(), PGORAW_COUNT_DROP_REENTRY, 1);
    } else {
        __atomic_store_n(&thread->in_handler, 1, __ATOMIC_SEQ_CST);
        own_stack_call(thread->signal_stack, THREAD_SIGNAL_STACK_SIZE, sample_enter, thread,
                       context);
        __atomic_store_n(&thread->in_handler, 0, __ATOMIC_RELEASE);
    }
    errno = saved_errno;
}

static void handle(int signal, siginfo_t *information, void *context)
{
    if (thread_block_is_known())
        handle_in_thread(signal, information, context);
    else
        store_count(store_header(), PGORAW_COUNT_DROP_THREAD_BLOCK, 1);
}

void handler_take_first(ucontext_t *context)
{
    struct thread *thread = thread_current();
    struct governor_cost cost;
    uint64_t start;

    if (!thread || !thread->sampler || __atomic_load_n(&paused, __ATOMIC_SEQ_CST))
        return;
    if (!frame_can_be_read(context)) {
        store_count(store_header(), PGORAW_COUNT_DROP_FRAME, 1);
        return;
    }
    __atomic_store_n(&thread->in_handler, 1, __ATOMIC_SEQ_CST);
    start = system_clock(CLOCK_MONOTONIC);
    sample_take(thread, context);
    cpu_keys_open();
    thread->handler_left_ns = system_clock(CLOCK_MONOTONIC);
    cost = governor_charge(thread->handler_left_ns - start, 0);
    store_count(store_header(), PGORAW_COUNT_DELIVERY_NANOSECONDS, cost.delivery_ns);
    store_count(store_header(), PGORAW_COUNT_HANDLER_NANOSECONDS, cost.handler_ns);
    __atomic_store_n(&thread->in_handler, 0, __ATOMIC_RELEASE);
}

bool handler_install(const struct handler_settings *wanted)
{
    settings = *wanted;
    thread_block_start();
    return settings.has_signal ? kernel_signal_take_over(SHIM_SIGNAL, handle)
                               : kernel_signal_install(SHIM_SIGNAL, handle);
}
