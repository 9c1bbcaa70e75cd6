/*
 * The preloaded object: it interposes a handful of libc functions, loads the
 * core, and only dispatches.  It depends on libc alone and exports nothing but
 * what it interposes and the public API (include/pgoshim/pgoshim.h).
 *
 *   preload.c   what all files here ask: the core, and the function that comes next
 *   loader.c    the constructor, fork and the end
 *   waiting.c   until the process has used some CPU time: a timer, and the start of the core
 *   core_objects.c  the core and its libraries, loaded past the dynamic linker
 *   threads.c   pthread_create, thrd_create
 *   signals.c   sigaction, sigprocmask, pthread_sigmask, sigsuspend
 *   old_signals.c  signal, and other older functions
 *   signal_stacks.c  sigaltstack, and handlers that run on such a stack
 *   jumps.c     longjmp and its kin, out of a handler on such a stack
 *   modules.c   dlclose
 *   calls.c     prctl, ptrace, ioctl, syscall: after some calls, none of ours may come
 *   descriptors.c  close and its kin: of ours, nothing may be there
 *   exec.c      exec, posix_spawn: programs that the shim does not suit start without it
 *   filter_trial.c  a system call filter that was there before us: is it fatal to us?
 *   rights.c    setuid, chroot and their kin
 *   memory_lock.c  mlockall within a limit: our mappings do not count
 *   unsuited.c  what in the process speaks against recording it
 *   api.c       pgoshim_pause and its kin
 *
 * Every interposer works before the constructor has run and when the core is
 * not there: it then does exactly what libc does.
 */
#ifndef SHIM_PRELOAD_PRELOAD_H
#define SHIM_PRELOAD_PRELOAD_H

#include "shim/core/core_interface.h"

#define PRELOAD_EXPORT __attribute__((visibility("default")))

/* The core, or what stands for it until it starts; NULL: the program runs unprofiled.  Signal-safe.
 */
const struct core_interface *preload_core(void);
void preload_set_core(const struct core_interface *started);

/*
 * From now on, no system call of ours that the application did not ask for: it has put a filter
 * in place.  Signal-safe.
 */
void preload_stand_aside(void);
bool preload_stands_aside(void);

/*
 * The function that `name` means after this object: libc's, or that of another
 * preloaded object.  Looked up once and kept in *slot, without a lock, and without memory where it
 * is found, as it is in libc: fit for a child that shares its parent's memory (vfork).
 */
void *preload_next(void **slot, const char *name);

#endif
