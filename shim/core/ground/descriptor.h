/*
 * Descriptors that are open for a moment while other threads of the application run.  The kernel
 * gives the lowest free number, the one that the application is given next: where another thread
 * closes what it does not know meanwhile, and opens a file of its own, our number is its file's.
 */
#ifndef SHIM_CORE_GROUND_DESCRIPTOR_H
#define SHIM_CORE_GROUND_DESCRIPTOR_H

#include <stdbool.h>

/*
 * Moves a descriptor just opened, closed by exec, to a number that the application is not given
 * soon, and returns that number; the same where there is none (a limit; more files are open than
 * fit below it).  `is_ours`, if not NULL, tells whether a descriptor is of the file that was
 * meant: where it is not, the application has the number now and keeps it.  A negative errno
 * value is returned as it is; -EBADF: the application closed it.  Signal-safe.
 */
long descriptor_move_away(long descriptor, bool (*is_ours)(long descriptor));

#endif
