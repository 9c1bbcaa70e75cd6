/*
 * The application's view of its signals: as if ours were not there.
 *
 * The signal that samples arrive by (SHIM_SIGNAL) has our handler.  The application sees, and may
 * set, a disposition of its own; it is honoured when somebody else sends the signal.  Blocking the
 * signal is noted but not done, since a thread that blocks everything would give no samples; once
 * somebody sends it to a thread that blocks it, samples end, and it is blocked as the application
 * wants.  A signal stack of ours looks like none.
 */
#ifndef SHIM_PRELOAD_SIGNALS_H
#define SHIM_PRELOAD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether the core handles this signal. */
bool signals_is_ours(int signal);

/*
 * A signal of ours that the core did not send (forward_signal of struct core_host): does what the
 * application wants with it.  False: it wants the default.  Signal-safe.
 */
bool signals_forward(int signal, siginfo_t *information, void *context);

/*
 * Which of our signals the application thinks that the calling thread blocks, a bit each.  A new
 * thread inherits them from the thread that makes it.
 */
unsigned signals_blocked(void);
void signals_inherit_blocked(unsigned blocked);

/* Before the core starts: whether our signal was ignored or blocked as the program began. */
void signals_note_inherited(void);

/*
 * What a program that is started inherits is what the application has set: before an exec or a
 * posix_spawn, and (where it failed, or in the parent) after it.  Signal-safe.
 */
struct signals_shown {
    uint64_t mask;
    bool is_shown, is_ignored;
};
void signals_show(struct signals_shown *shown);
void signals_hide(const struct signals_shown *shown);

/* rt_sigaction(2), of a signal of ours, and rt_sigprocmask(2), as their callers pass and get it. */
struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};
int signals_action_by_call(int number, const struct kernel_action *wanted,
                           struct kernel_action *old);
int signals_mask_by_call(int how, const uint64_t *set, uint64_t *old);

#endif
