/*
 * Older functions for signals, as glibc has them: each is put in terms of sigaction and sigprocmask
 * where it names a signal of ours, or a mask.  Of other signals libc does it, past its own
 * sigaction, so what was noted of the handler before is forgotten.
 *
 * Source: signal(2), sigset(3), sigvec(3).
 */
#include <errno.h>
#include <stddef.h>

#include "shim/preload/preload.h"
#include "shim/preload/signal_stacks.h"
#include "shim/preload/signals.h"

typedef __sighandler_t handler_function(int, __sighandler_t);

/* SIG_HOLD, without what the other names of that header redirect. */
#define HOLD ((__sighandler_t)2)

static __sighandler_t own_handler_set(int number, __sighandler_t handler, int flags)
{
    struct sigaction wanted = {.sa_handler = handler, .sa_flags = flags}, old;
    return sigaction(number, &wanted, &old) == 0 ? old.sa_handler : SIG_ERR;
}

static __sighandler_t handler_set(void **slot, const char *name, int number, __sighandler_t handler,
                                  int flags)
{
    handler_function *next;
    __sighandler_t old;

    if (signals_is_ours(number))
        return own_handler_set(number, handler, flags);
    *(void **)&next = preload_next(slot, name);
    old = next(number, handler);
    if (old != SIG_ERR)
        handler_forget(number);
    return old;
}

#define SETS_HANDLER(name, flags)                                                                  \
    PRELOAD_EXPORT __sighandler_t name(int number, __sighandler_t handler);                        \
    PRELOAD_EXPORT __sighandler_t name(int number, __sighandler_t handler)                         \
    {                                                                                              \
        static void *slot;                                                                         \
        return handler_set(&slot, #name, number, handler, flags);                                  \
    }

SETS_HANDLER(signal, SA_RESTART)
SETS_HANDLER(ssignal, SA_RESTART)
SETS_HANDLER(bsd_signal, SA_RESTART)
SETS_HANDLER(sysv_signal, SA_RESETHAND | SA_NODEFER)
SETS_HANDLER(__sysv_signal, SA_RESETHAND | SA_NODEFER)

PRELOAD_EXPORT int __sigaction(int number, const struct sigaction *wanted, struct sigaction *old);
PRELOAD_EXPORT int __sigaction(int number, const struct sigaction *wanted, struct sigaction *old)
{
    return sigaction(number, wanted, old);
}

/* --- System V ------------------------------------------------------------------------- */

static int one_change(int how, int number, sigset_t *old)
{
    sigset_t set;
    sigemptyset(&set);
    if (sigaddset(&set, number) != 0)
        return -1;
    return sigprocmask(how, &set, old);
}

static __sighandler_t own_set(int number, __sighandler_t handler)
{
    bool holds = handler == HOLD;
    struct sigaction present;
    sigset_t before;

    if (one_change(holds ? SIG_BLOCK : SIG_UNBLOCK, number, &before) != 0)
        return SIG_ERR;
    if (holds)
        sigaction(number, NULL, &present);
    else
        present.sa_handler = own_handler_set(number, handler, 0);
    return sigismember(&before, number) ? HOLD : present.sa_handler;
}

PRELOAD_EXPORT __sighandler_t sigset(int number, __sighandler_t handler)
{
    static void *slot;
    if (signals_is_ours(number))
        return own_set(number, handler);
    return handler_set(&slot, "sigset", number, handler, 0);
}

PRELOAD_EXPORT int sigignore(int number)
{
    struct sigaction ignores = {.sa_handler = SIG_IGN};
    return sigaction(number, &ignores, NULL);
}

PRELOAD_EXPORT int sighold(int number)
{
    return one_change(SIG_BLOCK, number, NULL);
}

PRELOAD_EXPORT int sigrelse(int number)
{
    return one_change(SIG_UNBLOCK, number, NULL);
}

/* --- BSD: masks of 32 signals ------------------------------------------------------------ */

static int mask_change(int how, int mask)
{
    sigset_t set, old;
    unsigned before = 0;

    sigemptyset(&set);
    for (int i = 1; i <= 32; i++)
        if ((unsigned)mask >> (i - 1) & 1)
            sigaddset(&set, i);
    if (sigprocmask(how, &set, &old) != 0)
        return -1;
    for (int i = 1; i <= 32; i++)
        if (sigismember(&old, i) == 1)
            before |= 1u << (i - 1);
    return (int)before;
}

PRELOAD_EXPORT int sigblock(int mask)
{
    return mask_change(SIG_BLOCK, mask);
}

PRELOAD_EXPORT int sigsetmask(int mask)
{
    return mask_change(SIG_SETMASK, mask);
}
