#include "shim/core/handler.h"

#include <errno.h>

#include "shim/core/kernel_signal.h"
#include "shim/core/stacks/stacks.h"
#include "shim/core/store/store.h"
#include "shim/core/system_call.h"
#include "shim/core/thread.h"

/* Room that the handler needs on the stack it runs on; call stacks need more. */
#define STACK_NEED (16u << 10)
#define STACK_NEED_UNWINDING (40u << 10)
/* A sample that comes sooner than this after the one before was waiting while that was taken. */
#define TOO_SOON_NS 20000
#define BUDGET_START_NS 2000000

static struct handler_settings settings;
static uint32_t paused;

void handler_use_source(const struct branch_source *source)
{
    settings.source = source;
}

void handler_pause(bool pause)
{
    __atomic_store_n(&paused, pause, __ATOMIC_RELAXED);
}

/* Bytes below us on the application's own signal stack; SIZE_MAX where we run on none of those. */
static size_t signal_stack_room(const ucontext_t *context, const struct thread *thread)
{
    const stack_t *stack = &context->uc_stack;
    const char *here = __builtin_frame_address(0);
    const char *base = stack->ss_sp;

    if ((stack->ss_flags & SS_DISABLE) || base == (const char *)thread->signal_stack ||
        here < base || here >= base + stack->ss_size)
        return SIZE_MAX;
    return (size_t)(here - base);
}

/*
 * The budget: CPU time that samples may cost, for the process as a whole.  It
 * grows by its share of the time between samples, and what a sample really
 * cost is taken from it.  What it starts with lets short runs have a profile.
 */
static int64_t budget_left = BUDGET_START_NS;

static bool budget_allows(void)
{
    int64_t earned = (int64_t)(settings.budget / 100 * (double)settings.period_ns);
    return __atomic_add_fetch(&budget_left, earned, __ATOMIC_RELAXED) > 0;
}

static void sample_take(struct thread *thread, ucontext_t *context)
{
    size_t room = signal_stack_room(context, thread);

    if (room < STACK_NEED) {
        store_count(store_header(), PGORAW_COUNT_DROP_SIGNAL_STACK, 1);
        return;
    }
    settings.source->sample(thread, context);
    if (settings.stack_interval && --thread->samples_to_stack == 0) {
        thread->samples_to_stack = settings.stack_interval;
        if (room >= STACK_NEED_UNWINDING)
            stacks_sample(context);
    }
}

static void sample_handle(struct thread *thread, ucontext_t *context)
{
    struct pgoraw_header *header = store_header();
    uint64_t start, cost;

    if (__atomic_load_n(&paused, __ATOMIC_RELAXED)) {
        store_count(header, PGORAW_COUNT_DROP_PAUSED, 1);
        return;
    }
    start = system_clock(CLOCK_MONOTONIC);
    if (start - thread->handler_left_ns < TOO_SOON_NS) {
        store_count(header, PGORAW_COUNT_DROP_TOO_SOON, 1);
        return;
    }
    if (!budget_allows()) {
        store_count(header, PGORAW_COUNT_DROP_BUDGET, 1);
        return;
    }
    sample_take(thread, context);
    thread->handler_left_ns = system_clock(CLOCK_MONOTONIC);
    cost = thread->handler_left_ns - start;
    __atomic_sub_fetch(&budget_left, (int64_t)cost, __ATOMIC_RELAXED);
    store_count(header, PGORAW_COUNT_HANDLER_NANOSECONDS, cost);
}

static void handle(int signal, siginfo_t *information, void *context)
{
    int saved_errno = errno;
    struct thread *thread = thread_current();
    const struct sampler *sampler = thread ? thread->sampler : NULL;

    if (!sampler || !sampler->owns(information)) {
        bool ours = false;
        for (size_t i = 0; i < sampler_ladder_length; i++)
            ours = ours || sampler_ladder[i]->owns(information);
        errno = saved_errno;
        /* From kill() and the like; ours after a stop are of no more use. */
        if (!ours && !settings.forward_signal(signal, information, context))
            kernel_signal_default(signal);
        return;
    }
    if (thread->in_handler) {
        store_count(store_header(), PGORAW_COUNT_DROP_REENTRY, 1);
    } else {
        thread->in_handler = 1;
        sample_handle(thread, context);
        thread->in_handler = 0;
    }
    errno = saved_errno;
}

bool handler_install(const struct handler_settings *wanted)
{
    settings = *wanted;
    return kernel_signal_install(SHIM_SIGNAL, handle);
}
