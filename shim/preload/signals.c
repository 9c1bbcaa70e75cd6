#include "shim/preload/signals.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "shim/core/ground/system_call.h"
#include "shim/preload/preload.h"
#include "shim/preload/signal_stacks.h"

static struct sigaction virtual_actions[NSIG]; /* the application's dispositions of our signals */

/* The signals that may be the core's; whether they are now, it says. */
static const int our_signals[] = {SIGSTKFLT, SIGTRAP};
#define OUR_SIGNALS (sizeof(our_signals) / sizeof(our_signals[0]))

/* Per thread: those of them that the application thinks it blocks, a bit each, and the kernel does
 * not. */
static __thread unsigned virtual_blocked;

/* Whose our signal is: once others send it to a process that blocks it, the application's, whose
 * masks are the kernel's from then on. */
enum owner { OURS, CHANGING, GIVEN_BACK };
static enum owner owner;

typedef int mask_function(int, const sigset_t *, sigset_t *);

bool signals_is_ours(int signal)
{
    const struct core_interface *core = preload_core();
    return core && core->owns_signal(signal);
}

static unsigned bit_of(int signal)
{
    unsigned bit = 0;
    for (unsigned i = 0; i < OUR_SIGNALS; i++)
        bit |= our_signals[i] == signal ? 1u << i : 0;
    return bit;
}

static bool given_back(void)
{
    return __atomic_load_n(&owner, __ATOMIC_ACQUIRE) == GIVEN_BACK;
}

/*
 * To the thread, or to the process, as it was sent before.  Only a process's first thread may say
 * that kill sent it (SI_USER); the others say sigqueue, which tells the same of the sender.
 */
static void send_again(int signal, const siginfo_t *information)
{
    long process = system_call(SYS_getpid), thread = system_thread_id();
    siginfo_t queued = *information;

    if (information->si_code == SI_TKILL) {
        system_call(SYS_rt_tgsigqueueinfo, process, thread, signal, information);
        return;
    }
    if (information->si_code >= 0 && thread != process)
        queued.si_code = SI_QUEUE;
    system_call(SYS_rt_sigqueueinfo, process, signal, &queued);
}

/* Samples of this thread that are under way: the application would wait for one of them. */
static void samples_forget(void)
{
    kernel_sigset ours = KERNEL_SIGSET_BIT(SIGSTKFLT);
    struct timespec at_once = {0, 0};
    siginfo_t information;

    while (system_call(SYS_rt_sigtimedwait, &ours, &information, &at_once, sizeof(ours)) > 0)
        ;
}

/* Ends the samples.  False: another thread does so at this time. */
static bool samples_end(void)
{
    const struct core_interface *core = preload_core();
    enum owner expected = OURS;

    if (__atomic_compare_exchange_n(&owner, &expected, CHANGING, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
        if (core)
            core->wind_down("signal 16 (SIGSTKFLT) is sent to it while it blocks that");
        __atomic_store_n(&owner, GIVEN_BACK, __ATOMIC_RELEASE);
    }
    return given_back();
}

/*
 * A signal that others have sent while the application blocks it has to wait, where sigpending,
 * sigwait and a signalfd find it: only the kernel can do that.  So samples end, this thread blocks
 * the signal from the end of its handler on, and gets it again.  Other threads that only seem to
 * block it do the same in turn.
 */
static void give_back(int signal, const siginfo_t *information, ucontext_t *context)
{
    struct timespec pause = {.tv_nsec = 1000000};

    if (samples_end()) {
        virtual_blocked &= ~bit_of(signal);
        sigaddset(&context->uc_sigmask, signal);
        samples_forget();
    } else {
        system_call(SYS_nanosleep, &pause, NULL);
    }
    send_again(signal, information);
}

bool signals_forward(int signal, siginfo_t *information, void *context)
{
    struct sigaction action = virtual_actions[signal];

    if (virtual_blocked & bit_of(signal)) {
        if (signal == SIGSTKFLT && !preload_stands_aside() && (given_back() || !signals_of_copy()))
            give_back(signal, information, context);
        return true;
    }
    if (action.sa_handler == SIG_IGN)
        return true;
    if (action.sa_handler == SIG_DFL)
        return false;
    if (action.sa_flags & SA_RESETHAND)
        virtual_actions[signal].sa_handler = SIG_DFL;
    if (action.sa_flags & SA_SIGINFO)
        action.sa_sigaction(signal, information, context);
    else
        action.sa_handler(signal);
    return true;
}

unsigned signals_blocked(void)
{
    return virtual_blocked;
}

void signals_inherit_blocked(unsigned blocked)
{
    virtual_blocked = blocked;
}

static int action_exchange(sigaction_function *next, int signal, const struct sigaction *wanted,
                           struct sigaction *old)
{
    struct sigaction present = virtual_actions[signal];
    int result = 0;

    if (wanted && signals_of_copy())
        result = next(signal, wanted, NULL);
    else if (wanted)
        virtual_actions[signal] = *wanted;
    if (old)
        *old = present;
    return result;
}

PRELOAD_EXPORT int sigaction(int signal, const struct sigaction *wanted, struct sigaction *old)
{
    static void *slot;
    sigaction_function *next;

    *(void **)&next = preload_next(&slot, "sigaction");
    if (signals_is_ours(signal))
        return action_exchange(next, signal, wanted, old);
    return handlers_change(next, signal, wanted, old);
}

int signals_action_by_call(int number, const struct kernel_action *wanted,
                           struct kernel_action *old)
{
    struct sigaction action = {0}, seen;
    int result;

    if (wanted) {
        action.sa_handler = wanted->handler;
        action.sa_flags = (int)wanted->flags;
        memcpy(&action.sa_mask, &wanted->mask, sizeof(wanted->mask));
    }
    result = sigaction(number, wanted ? &action : NULL, &seen);
    if (result != 0 || !old)
        return result;
    *old = (struct kernel_action){.handler = seen.sa_handler, .flags = (unsigned)seen.sa_flags};
    memcpy(&old->mask, &seen.sa_mask, sizeof(old->mask));
    return result;
}

/* Takes our signals out of `set`; returns which of them were in it.  What was given back stays. */
static unsigned set_filter(const struct core_interface *core, sigset_t *set)
{
    unsigned found = 0;
    for (unsigned i = 0; i < OUR_SIGNALS; i++) {
        if (our_signals[i] == SIGSTKFLT && given_back())
            continue;
        if (core->owns_signal(our_signals[i]) && sigismember(set, our_signals[i])) {
            found |= 1u << i;
            sigdelset(set, our_signals[i]);
        }
    }
    return found;
}

/*
 * Our signal is blocked while a handler runs on a signal stack of the application, which may ask
 * for any mask there; a handler that was left by a jump may have left it blocked.
 */
static void set_protect(int how, sigset_t *set)
{
    bool in_use = signal_stack_in_use();

    if (how == SIG_SETMASK ? in_use : how == SIG_UNBLOCK && !in_use && handlers_block_for_us())
        sigaddset(set, SIGSTKFLT);
}

/* What only seems to be blocked after this change: `ours` was taken out of `set`. */
static unsigned blocked_after(int how, const sigset_t *set, unsigned ours)
{
    unsigned before = virtual_blocked;

    if (given_back() && sigismember(set, SIGSTKFLT))
        before &= ~bit_of(SIGSTKFLT); /* the kernel knows it from here on */
    return how == SIG_SETMASK ? ours : how == SIG_BLOCK ? before | ours : before & ~ours;
}

/* Does `how` with `set` less our signals; tells the application what it would have seen. */
static int mask_change(mask_function *next, int how, const sigset_t *set, sigset_t *old)
{
    const struct core_interface *core = preload_core();
    unsigned before = virtual_blocked;
    sigset_t filtered;
    int result;

    if (!core || core->in_handler()) /* libunwind guards its locks with full masks */
        return next(how, set, old);
    if (set) {
        filtered = *set;
        virtual_blocked = blocked_after(how, set, set_filter(core, &filtered));
        set_protect(how, &filtered);
    }
    result = next(how, set ? &filtered : NULL, old);
    if (result != 0) {
        virtual_blocked = before;
        return result;
    }
    if (old && handlers_block_for_us() && !handlers_block_themselves() &&
        (!given_back() || signal_stack_in_use()))
        sigdelset(old, SIGSTKFLT);
    for (unsigned i = 0; old && i < OUR_SIGNALS; i++)
        if (before >> i & 1)
            sigaddset(old, our_signals[i]);
    return 0;
}

PRELOAD_EXPORT int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    static void *slot;
    mask_function *next;
    *(void **)&next = preload_next(&slot, "sigprocmask");
    return mask_change(next, how, set, old);
}

PRELOAD_EXPORT int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    static void *slot;
    mask_function *next;
    *(void **)&next = preload_next(&slot, "pthread_sigmask");
    return mask_change(next, how, set, old);
}

/* The kernel's own: libc leaves its two signals out of what it is asked for. */
static int mask_by_call(int how, const sigset_t *set, sigset_t *old)
{
    long result = system_sigprocmask(how, (const kernel_sigset *)set, (kernel_sigset *)old);
    errno = result < 0 ? (int)-result : errno;
    return result < 0 ? -1 : 0;
}

int signals_mask_by_call(int how, const uint64_t *set, uint64_t *old)
{
    sigset_t wanted = {0}, seen = {0};
    int result;

    if (set)
        memcpy(&wanted, set, sizeof(*set));
    result = mask_change(mask_by_call, how, set ? &wanted : NULL, old ? &seen : NULL);
    if (result == 0 && old)
        memcpy(old, &seen, sizeof(*old));
    return result;
}

/* A handler of the application that waits on its signal stack is not to find our frame there. */
PRELOAD_EXPORT int sigsuspend(const sigset_t *mask)
{
    static void *slot;
    int (*next)(const sigset_t *);
    sigset_t protected;

    *(void **)&next = preload_next(&slot, "sigsuspend");
    if (!handlers_block_for_us() || !signal_stack_in_use())
        return next(mask);
    protected = *mask;
    sigaddset(&protected, SIGSTKFLT);
    return next(&protected);
}

/* --- what is inherited -------------------------------------------------------------------- */

static struct kernel_action our_action; /* as the kernel has it */

/* While it is ignored, none is pending. */
static void own_ignore(void)
{
    const struct kernel_action ignores = {.handler = SIG_IGN};
    struct kernel_action present = {.handler = SIG_IGN}; /* the kernel fills it in */

    if (system_call(SYS_rt_sigaction, SIGSTKFLT, &ignores, &present, sizeof(present.mask)) == 0 &&
        present.handler != SIG_IGN)
        our_action = present;
}

static void own_handle(void)
{
    system_call(SYS_rt_sigaction, SIGSTKFLT, &our_action, NULL, sizeof(our_action.mask));
}

void signals_note_inherited(void)
{
    struct kernel_action present = {.handler = SIG_DFL};
    kernel_sigset mask = 0;

    system_call(SYS_rt_sigaction, SIGSTKFLT, NULL, &present, sizeof(present.mask));
    system_sigprocmask(SIG_BLOCK, NULL, &mask);
    if (present.handler == SIG_IGN)
        virtual_actions[SIGSTKFLT].sa_handler = SIG_IGN;
    if (mask & KERNEL_SIGSET_BIT(SIGSTKFLT))
        virtual_blocked |= bit_of(SIGSTKFLT);
}

void signals_show(struct signals_shown *shown)
{
    const kernel_sigset ours = KERNEL_SIGSET_BIT(SIGSTKFLT);
    bool blocks = virtual_blocked & bit_of(SIGSTKFLT), lets_through;

    *shown = (struct signals_shown){.is_shown = preload_core() && !preload_stands_aside()};
    if (!shown->is_shown)
        return;
    shown->is_ignored = virtual_actions[SIGSTKFLT].sa_handler == SIG_IGN;
    system_sigprocmask(SIG_BLOCK, NULL, &shown->mask);
    /* In a handler on a signal stack: what waits there must not come onto it now. */
    lets_through = shown->mask & ours && !blocks && !handlers_block_themselves() && !given_back();
    if (shown->is_ignored || lets_through)
        own_ignore();
    if (blocks || lets_through)
        system_sigprocmask(blocks ? SIG_BLOCK : SIG_UNBLOCK, &ours, NULL);
    if (lets_through && !shown->is_ignored)
        own_handle();
}

void signals_hide(const struct signals_shown *shown)
{
    if (!shown->is_shown)
        return;
    system_sigprocmask(SIG_SETMASK, &shown->mask, NULL);
    if (shown->is_ignored)
        own_handle();
}
