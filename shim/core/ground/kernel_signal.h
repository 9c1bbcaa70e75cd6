/*
 * Signal handlers set directly with the kernel, below the application's view of
 * its signals.
 */
#ifndef SHIM_CORE_GROUND_KERNEL_SIGNAL_H
#define SHIM_CORE_GROUND_KERNEL_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

/*
 * Installs `handler` for a signal whose disposition is the default one: with
 * SA_RESTART, on the signal stack, all other signals blocked (another handler
 * on top of ours might never come back).  It is entered with alignment checks off and protection
 * keys open.  False: the signal is in use.
 */
bool kernel_signal_install(int signal, void (*handler)(int, siginfo_t *, void *));

/* The same for a signal that is ours already.  Signal-safe. */
bool kernel_signal_take_over(int signal, void (*handler)(int, siginfo_t *, void *));

/* Does what the default disposition of `signal` does to this thread's process.  Signal-safe. */
void kernel_signal_default(int signal);

#endif
