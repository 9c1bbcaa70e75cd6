/*
 * The start of a program that is recorded from outside: it waits before exec, for
 * its event, and again at its first instruction, until somebody has looked at it;
 * a short program would have ended by then.
 * Source of the protocol: ptrace(2), PTRACE_TRACEME.
 */
#ifndef SHIM_RECORD_COMMAND_H
#define SHIM_RECORD_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct command {
    pid_t process;
    int go_ahead; /* what the child waits for comes through this */
    int executed; /* the child says through this that it is held; exec closes it */
};

/* The child, before exec.  `mask`: its signals.  False: it was not started (errno). */
bool command_fork(struct command *command, const char *program, char **arguments,
                  const sigset_t *mask);

/*
 * Goes on with exec.  True: it is at its first instruction, and command_release must
 * follow.  False: it runs, or has ended: nobody may trace here, or exec failed.
 */
bool command_execute(struct command *command);

void command_release(const struct command *command);

/* Instead of command_execute: ends it. */
void command_give_up(struct command *command);

#endif
