/*
 * Processes that are recorded from outside.  Either events on all CPUs see them
 * (cpus.h), and a descriptor of the process tells of its end; or each of their
 * threads is a task with an event.  New threads and processes are heard of from the
 * kernel's records, threads also looked for in /proc/PID/task; tasks that have ended
 * leave with their event.
 */
#ifndef SHIM_OUTSIDE_TARGETS_H
#define SHIM_OUTSIDE_TARGETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "shim/core/lookahead/lookahead.h"
#include "shim/outside/cpus.h"
#include "shim/outside/pace.h"
#include "shim/outside/ring.h"
#include "shim/outside/target_modules.h"

struct target {
    pid_t id;
    uint32_t tasks; /* its threads that have an event */
    int descriptor; /* by CPU: readable when it has ended; -1: it had before we could ask */
    clockid_t clock;
    uint64_t used_ns; /* of its CPU time, by that clock: what was earned from */
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
    struct pace pace;
    uint64_t switches; /* how often it was put on a CPU, as far as that was paid for */
    struct task *next;
};

struct targets {
    int epoll; /* data: the task; by CPU: the target, or &cpus */
    bool stacks;
    bool by_cpu;
    struct cpus cpus;
    struct task *tasks;
    struct target *targets;
};

/* False: no descriptor for it (errno). */
bool targets_open(struct targets *targets, bool stacks);
/* Forgets all processes, ends their events, and closes the rest. */
void targets_close(struct targets *targets);

/* Samples by CPU from here on, if that is allowed.  0 or a negative errno value. */
int targets_use_cpus(struct targets *targets, bool prompt);

/* Adds a running process.  0, or a negative errno value: none of its threads can be sampled. */
int targets_add_process(struct targets *targets, pid_t process);

/*
 * Adds a process of one thread that is about to execute its program, and is sampled from there on.
 * 0 or a negative errno value.
 */
int targets_add_command(struct targets *targets, pid_t process);

/* The process of this number; NULL: it is not recorded. */
struct target *targets_find(const struct targets *targets, pid_t process);

/* Adds a thread that has just begun, maybe the first of a new process. */
void targets_add_task(struct targets *targets, pid_t process, pid_t thread);

/* By CPU, the same: `parent` is the thread's process, or the one that has started `process`. */
void targets_add_forked(struct targets *targets, struct target *parent, pid_t process);

/* Removes a process.  By CPU when it has ended; otherwise its last thread takes it along. */
void target_remove(struct targets *targets, struct target *target);

/* By CPU: removes processes that ended before they could be watched; their samples are taken. */
void targets_sweep(struct targets *targets);

/* Removes a thread that has ended, and its process with the last of its threads. */
void targets_remove_task(struct targets *targets, struct task *task);

/* Looks for threads that were not heard of. */
void targets_look(struct targets *targets);

/* CPU time that all have used since the last call. */
uint64_t targets_used(struct targets *targets);

/* Stops the clocks of all events, or lets them go on; threads are looked for then. */
void targets_pause(struct targets *targets, bool pause);

/* Makes the core look at this process: its memory, and its modules, which are read where stale. */
void target_use(struct target *target);

/* The process has begun another program: its modules are forgotten. */
void target_executed(struct target *target);

/* An address is in none of its modules: reads them again, unless that was tried just before. */
void target_missed(struct target *target);

#endif
