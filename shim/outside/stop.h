/*
 * Stops a thread of another process for as long as a look at it takes.
 * Source of the protocol: ptrace(2), PTRACE_SEIZE.
 *
 * Only a thread that runs is stopped.  One that has begun to wait all the same is
 * let go, and where its system call would say EINTR for the stop, the kernel is made
 * to begin the call again (with its whole time limit).
 *
 * It is traced only while it is stopped, so that its signals never wait for us.
 * If we are killed meanwhile, the kernel lets it go on.
 */
#ifndef SHIM_OUTSIDE_STOP_H
#define SHIM_OUTSIDE_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <ucontext.h>

#define STOP_LARGEST_STATE 16384u /* bytes of extended state that are taken */

struct stopped {
    ucontext_t context; /* general registers, and where the extended state is */
    uint64_t fs_base;
    uint8_t state[STOP_LARGEST_STATE] __attribute__((aligned(64))); /* as in a signal frame */
};

/* Whether threads may be stopped at all here; a system call filter may refuse it. */
bool stop_allowed(void);

/*
 * Stops a thread that is running user code.  `is_child`: it is a child of ours, whose exit is for
 * somebody else to wait for.  False: it does not, or has ended, and it was left alone.
 */
bool stop_begin(pid_t process, pid_t thread, bool is_child, struct stopped *stopped);

/* The same, whether it runs or waits: false where it waits, or is in a system call. */
bool stop_thread(pid_t thread, bool is_child, struct stopped *stopped);

/*
 * Runs one instruction of it, and takes its general registers again.  False: a signal came
 * between, or its end; it was let go.
 */
bool stop_step(pid_t thread, struct stopped *stopped);

/* Lets it go on, untraced. */
void stop_end(pid_t thread);

#endif
