/* Which Linux this is.  Signal-safe. */
#ifndef SHIM_CORE_GROUND_KERNEL_VERSION_H
#define SHIM_CORE_GROUND_KERNEL_VERSION_H

#include <stdbool.h>

/*
 * Whether a POSIX timer on CPU time leaves system calls alone: since 5.10, with
 * CONFIG_POSIX_CPU_TIMERS_TASK_WORK, which x86 has always.  Before, its signal made those return
 * EINTR that are not begun again.
 */
bool kernel_timers_spare_system_calls(void);

#endif
