/*
 * Descriptors that are open for a moment while other threads of the application run.  The kernel
 * gives the lowest free number, the one that the application is given next: where another thread
 * closes what it does not know meanwhile, and opens a file of its own, our number is its file's.
 */
#ifndef SHIM_CORE_GROUND_DESCRIPTOR_H
#define SHIM_CORE_GROUND_DESCRIPTOR_H

#include <stdbool.h>

#include "shim/core/ground/system_call.h"

/*
 * Moves a descriptor just opened, closed by exec, to a number that the application is not given
 * soon, and returns that number; the same where there is none (a limit; more files are open than
 * fit below it).  `is_ours`, if not NULL, tells whether a descriptor is of the file that was
 * meant: where it is not, the application has the number now and keeps it.  A negative errno
 * value is returned as it is; -EBADF: the application closed it.  Signal-safe.
 */
long descriptor_move_away(long descriptor, bool (*is_ours)(long descriptor));

/*
 * Around each moment in which descriptors are opened and closed again.  False: none may be opened
 * now (a fork is under way) or any more (forbidden), and there is no end.  All signals are blocked
 * meanwhile; `mask` takes what was blocked before.  Not nested.  Signal-safe.
 */
bool descriptors_begin(kernel_sigset *mask);
void descriptors_end(const kernel_sigset *mask);

/* Whether some thread is in such a moment.  Signal-safe. */
bool descriptors_in_use(void);

/*
 * From now on no moment begins, and those that have begun are waited for, two seconds at most: what
 * the application closes afterwards can be nothing of ours.
 */
void descriptors_forbid(void);
bool descriptors_are_forbidden(void);

/*
 * Around fork: the child gets a copy of what is open, and would keep it.  No moment begins
 * meanwhile, and those that have begun are waited for as above.  In the child no other thread is
 * there.
 */
void descriptors_fork_begin(void);
void descriptors_fork_end_parent(void);
void descriptors_fork_end_child(void);

/* Waits for forks of other threads, two seconds at most.  Not for handlers. */
void descriptors_await_forks(void);

#endif
