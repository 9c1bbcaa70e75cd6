/*
 * A recording from outside: reads the events of all targets until they have
 * ended, the time is over, or the user says so, and puts the samples into the
 * store, which is open.
 */
#ifndef SHIM_OUTSIDE_SESSION_H
#define SHIM_OUTSIDE_SESSION_H

#include "shim/outside/costs.h"
#include "shim/outside/relay.h"
#include "shim/outside/targets.h"

struct recording_session {
    struct targets targets;
    bool lookahead;          /* threads are stopped for a look ahead; vectors_start was called */
    bool compare;            /* a test: each look ahead is held against stepping */
    uint32_t stack_interval; /* samples between two call stacks; 0: none */
    struct relay relay;      /* its command is our child: the session ends with it.  0: none */
    uint64_t duration_ns;    /* 0: no limit */
    int signals;             /* a signalfd of all that are blocked */
    uint32_t samples_to_stack;
    uint64_t stopped_ns; /* what the thread lost in the stop for this sample, beside our CPU time */
    uint64_t paid_cpu_ns; /* our own CPU time that the account has paid for */
    uint64_t settled_ns;  /* monotonic time when the account was settled, and threads counted */
    uint64_t counted_ns;
    uint64_t used_ns;   /* CPU time of the targets since the start */
    uint64_t clock_ns;  /* of the targets' CPU time, since the sampling clock last expired */
    uint64_t paused_ns; /* monotonic time since when no clock runs; 0: they do */
    struct event_costs costs;
};

/*
 * Runs it.  Where there is a command, signals go to it by the relay, which tells how it ended;
 * else any signal ends the session.
 */
void session_run(struct recording_session *session);

#endif
