/*
 * Processes that are recorded from outside, and their threads, each with its
 * event.  New ones are heard of from the kernel's records and looked for in
 * /proc/PID/task; those that have ended leave with their event.
 */
#ifndef SHIM_OUTSIDE_TARGETS_H
#define SHIM_OUTSIDE_TARGETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "shim/core/lookahead/lookahead.h"
#include "shim/outside/ring.h"
#include "shim/outside/target_modules.h"

struct target {
    pid_t id;
    uint32_t tasks; /* its threads that have an event */
    struct target_modules modules;
    struct lookahead *lookahead; /* its code as decoded; NULL: not looked ahead yet */
    bool modules_stale;          /* it has mapped code since they were read */
    uint64_t modules_at_ns;      /* monotonic time when they were read */
    struct target *next;
};

struct task {
    pid_t id;
    struct target *target;
    struct ring ring;
    uint64_t period_ns;       /* CPU time between samples: the governor's, less or more a little */
    uint64_t paced_for;       /* the governor's period that it was taken from */
    uint32_t samples_to_pace; /* samples until the period changes */
    struct task *next;
};

struct targets {
    int epoll; /* of all events; the data is the task */
    bool stacks;
    uint64_t random_state;
    struct task *tasks;
    struct target *targets;
};

/* False: no memory or descriptor for it (errno). */
bool targets_open(struct targets *targets, bool stacks);
void targets_close(struct targets *targets);

/* All threads of a running process.  0, or a negative errno value where not one can be sampled. */
int targets_add_process(struct targets *targets, pid_t process);

/* A process of one thread that is about to execute its program: sampled from there on. */
int targets_add_command(struct targets *targets, pid_t process);

/* A thread that has just begun, maybe the first of a new process. */
void targets_add_task(struct targets *targets, pid_t process, pid_t thread);

/* Its thread has ended.  Its process goes with the last of them. */
void targets_remove_task(struct targets *targets, struct task *task);

/* Looks for threads that were not heard of. */
void targets_look(struct targets *targets);

/* After a sample: takes up the governor's present period, out of step with everything. */
void task_keep_pace(struct targets *targets, struct task *task);

/* The modules of a process, for what follows: read anew where they have changed. */
void target_use(struct target *target);

/* `address` is in none of them: reads them again, unless that was tried just before. */
void target_missed(struct target *target);

#endif
