/*
 * The start of a program that is recorded from outside: it waits before exec, for
 * its event, and again at its first instruction, until somebody has looked at it;
 * a short program would have ended by then.
 * Source of the protocol: ptrace(2), PTRACE_TRACEME.
 */
#ifndef SHIM_RECORD_COMMAND_H
#define SHIM_RECORD_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/outside/relay.h"

struct command {
    pid_t process;
    int go_ahead; /* what the child waits for comes through this */
    int executed; /* the child says through this that it is held; exec closes it */
};

/* Forks the child, which waits before exec.  `mask`: its signals.  False: it was not started
 * (errno). */
bool command_fork(struct command *command, const char *program, char **arguments,
                  const struct relay *relay);

/*
 * Lets the child execute its program.  True: it is held at its first instruction, and
 * command_release must follow.  False: it runs, since nobody may trace here, or exec has failed.
 */
bool command_execute(struct command *command);

/* Lets go of the child that command_execute holds: it runs, untraced. */
void command_release(const struct command *command);

/* Instead of command_execute: the child ends without having run the program. */
void command_give_up(struct command *command);

#endif
