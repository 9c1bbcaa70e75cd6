/*
 * A parent between a program and whoever started it: what it does so that neither notices.
 * Signals that are sent to us are passed on to the program, and when it stops so do we;
 * orphans that come to us (as process 1 of a container) are reaped; and the
 * program ends with us, however we end.
 */
#ifndef SHIM_OUTSIDE_RELAY_H
#define SHIM_OUTSIDE_RELAY_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct relay {
    pid_t parent;  /* us */
    pid_t command; /* the program: set by whoever starts it */
    sigset_t before;
    struct sigaction child_before; /* for SIGCHLD */
    bool stops;                    /* we were told to stop: when the program does */
    int status;                    /* of the program, which has ended, as wait(2) has it */
    struct rusage usage;           /* its own and of its children that it waited for */
};

/* A signal that was taken from the queue. */
struct relay_signal {
    int number, code;
    pid_t sender;
    union sigval value;
};

/* From here on all signals wait for us to take them. */
void relay_begin(struct relay *relay);

/*
 * In the child, before exec: it ends with its parent, what names a process in its
 * environment (LISTEN_PID and its kin) names it, and its signals are as they were before.
 */
void relay_become_command(const struct relay *relay);

/* Takes a signal to its place.  True: the program has ended, and relay->status and usage are known.
 */
bool relay_take(struct relay *relay, const struct relay_signal *signal);

/* Waits for the program's end, and does all of that meanwhile. */
void relay_run(struct relay *relay);

/* The exit status that a shell would give. */
int relay_exit_status(const struct relay *relay);

#endif
