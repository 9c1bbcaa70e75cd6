/*
 * A system call filter that was there before the program (systemd, firejail, a container), and
 * kills who makes a call that it does not know: whether ours are among them is tried by a child.
 */
#ifndef SHIM_PRELOAD_FILTER_TRIAL_H
#define SHIM_PRELOAD_FILTER_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many filters this process has; kernels before 5.9 tell no number: 1.  `status` is the text of
 * /proc/self/status; "": there is none.  Signal-safe.
 */
long filters_count(const char *status);

/*
 * Tries every system call of the shim in a child.  False: one of them is fatal, or it cannot be
 * tried; `why` (`size` bytes) says so, and is "" where even to say it may be fatal.  Signal-safe.
 */
bool filter_trial(char *why, size_t size);

#endif
