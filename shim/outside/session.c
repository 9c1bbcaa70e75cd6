#include "shim/outside/session.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "shim/core/budget/governor.h"
#include "shim/core/commit/window_commit.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/lookahead/lookahead.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"
#include "shim/core/window/window.h"
#include "shim/outside/compare.h"
#include "shim/outside/leaf.h"
#include "shim/outside/stop.h"

#define MOST_EVENTS 64
#define LOOK_EVERY_NS 1000000000u /* for threads whose beginning was not heard of */
#define READ_EVERY_NS 50000000u   /* rings of CPUs, where nothing is to be done at once */
#define SETTLE_EVERY_NS 10000000u
#define COUNT_EVERY_NS 100000000u /* the threads' switches; a file a thread */
#define DEEPEST_DEBT_NS 2000000   /* switches that cost more make the clocks stand still */

/* The call chain, innermost first.  Frame pointers that are none end it: said to be cut. */
static void stack_add(const union ring_record *record)
{
    uint64_t locations[RING_DEEPEST_CHAIN + 2], top[RING_STACK_WORDS], caller;
    uint32_t callers; /* of the interrupted place, which is not where a window begins */
    struct pgoraw_header *header = store_header();
    size_t depth = 0;
    bool whole = true;

    for (uint64_t i = 0; i < record->sample.chain_count && whole; i++) {
        uint64_t address = record->sample.chain[i];
        if (address >= (uint64_t)PERF_CONTEXT_MAX)
            continue; /* not an address: what those that follow are */
        /* A caller's address is that of the next instruction: step back into the call. */
        locations[depth] = modules_locate(depth ? address - 1 : address);
        whole = depth == 0 || PGORAW_MODULE(locations[depth]) != 0;
        depth += whole;
        if (depth == 1 && ring_stack_top(record, top) &&
            (caller = leaf_return_address(address, top)))
            locations[depth++] = modules_locate(caller - 1);
    }
    if (!whole) {
        locations[depth++] = PGORAW_LOCATION_TRUNCATED;
        store_count(header, PGORAW_COUNT_STACKS_TRUNCATED, 1);
    }
    store_add_stack(locations, depth, &callers);
    store_count(header, PGORAW_COUNT_STACKS, 1);
}

/*
 * Stops the thread where it is now, and looks ahead from there.  False: it was
 * not running any more, and there is no sample of it.
 */
static bool window_look(struct recording_session *session, struct target *target, pid_t thread,
                        struct window *window)
{
    static struct stopped stopped;
    static struct pages pages;
    uint64_t wall, cpu;
    bool running;

    if (!target->lookahead)
        target->lookahead = places_map_memory(sizeof(*target->lookahead));
    if (!target->lookahead)
        return false;
    wall = system_clock(CLOCK_MONOTONIC);
    cpu = system_clock(CLOCK_PROCESS_CPUTIME_ID);
    running = stop_begin(target->id, thread, thread == session->relay.command, &stopped);
    if (running) {
        lookahead_window(target->lookahead, &pages, &stopped.context, stopped.fs_base, window);
        if (!session->compare || compare_stopped(thread, &stopped, target->lookahead, window))
            stop_end(thread);
    }
    wall = system_clock(CLOCK_MONOTONIC) - wall;
    cpu = system_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    session->stopped_ns += wall > cpu ? wall - cpu : 0;
    return running;
}

static void sample_add(struct recording_session *session, struct target *target,
                       const union ring_record *record)
{
    struct loaded_module module;
    struct window window;

    target_use(target);
    if (!modules_find(record->sample.address, &module))
        target_missed(target);
    window_begin(&window, record->sample.address);
    if (session->lookahead &&
        !window_look(session, target, (pid_t)record->sample.thread, &window)) {
        store_count(store_header(), PGORAW_COUNT_DROP_NOT_STOPPED, 1);
        return;
    }
    if (!session->compare)
        window_commit(&window);
    if (session->stack_interval && --session->samples_to_stack == 0) {
        session->samples_to_stack = session->stack_interval;
        stack_add(record);
    }
}

/* --- the account ------------------------------------------------------------------ */

/*
 * Earns by the targets' CPU time, and pays for ours, for the expiries of the clock
 * in theirs, in system calls too, and for stops.
 */
static void account_settle(struct recording_session *session, uint64_t now)
{
    struct pgoraw_header *header = store_header();
    uint64_t used = targets_used(&session->targets), cpu, delivery;
    uint32_t expiries = 0;

    session->settled_ns = now;
    governor_earn(used);
    session->used_ns += used;
    if (!session->paused_ns) {
        session->clock_ns += used;
        expiries = (uint32_t)(session->clock_ns / governor_period());
        session->clock_ns %= governor_period();
    }
    cpu = system_clock(CLOCK_PROCESS_CPUTIME_ID);
    delivery = session->costs.expiry_ns * expiries + session->stopped_ns;
    if (expiries || session->stopped_ns)
        governor_pay(cpu - session->paid_cpu_ns, delivery, expiries ? expiries : 1);
    else
        governor_spend(cpu - session->paid_cpu_ns);
    store_count(header, PGORAW_COUNT_HANDLER_NANOSECONDS, cpu - session->paid_cpu_ns);
    store_count(header, PGORAW_COUNT_DELIVERY_NANOSECONDS, delivery);
    __atomic_store_n(&header->period_ns, governor_period(), __ATOMIC_RELAXED);
    session->stopped_ns = 0;
    session->paid_cpu_ns = cpu;
}

/* Pays for the switches of all threads since the last time. */
static void switches_pay(struct recording_session *session, uint64_t now)
{
    uint64_t each = session->paused_ns ? session->costs.paused_switch_ns : session->costs.switch_ns;
    uint64_t switches = 0;

    session->counted_ns = now;
    for (struct task *task = session->targets.tasks; task; task = task->next) {
        uint64_t count = switches_count(task->target->id, task->id);
        if (task->switches && count > task->switches)
            switches += count - task->switches;
        task->switches = count;
    }
    governor_spend(switches * each);
    store_count(store_header(), PGORAW_COUNT_SWITCHES, switches);
    store_count(store_header(), PGORAW_COUNT_SWITCH_NANOSECONDS, switches * each);
}

/* Where switches cost more than the budget bears, the clocks run only some of the time. */
static void clocks_steer(struct recording_session *session, uint64_t now)
{
    if (session->paused_ns && governor_balance() > 0) {
        store_count(store_header(), PGORAW_COUNT_PAUSED_NANOSECONDS, now - session->paused_ns);
        session->paused_ns = 0;
        targets_pause(&session->targets, false);
    } else if (!session->paused_ns && governor_balance() < -DEEPEST_DEBT_NS) {
        session->paused_ns = now;
        targets_pause(&session->targets, true);
    }
}

static void account_keep(struct recording_session *session)
{
    uint64_t now = system_clock(CLOCK_MONOTONIC);

    if (now - session->settled_ns >= SETTLE_EVERY_NS)
        account_settle(session, now);
    if (session->targets.by_cpu || now - session->counted_ns < COUNT_EVERY_NS)
        return;
    switches_pay(session, now);
    clocks_steer(session, now);
}

/* --- records ------------------------------------------------------------------------- */

static void sample_take(struct recording_session *session, struct target *target,
                        const union ring_record *record)
{
    /* Dear are the interrupt, which is paid for by now, and a look ahead. */
    if (!session->lookahead || session->compare || governor_allows(0))
        sample_add(session, target, record);
    else
        store_count(store_header(), PGORAW_COUNT_DROP_BUDGET, 1);
    account_keep(session);
}

/* `target`: whose record it is; NULL: somebody else's. */
static void record_take(struct recording_session *session, struct target *target,
                        const union ring_record *record)
{
    if (record->header.type == PERF_RECORD_LOST)
        store_count(store_header(), PGORAW_COUNT_DROP_RING_FULL, record->lost.lost);
    if (!target)
        return;
    if (record->header.type == PERF_RECORD_SAMPLE)
        sample_take(session, target, record);
    else if (record->header.type == PERF_RECORD_MMAP)
        target->modules_stale = true;
    else if (record->header.type == PERF_RECORD_COMM &&
             (record->header.misc & PERF_RECORD_MISC_COMM_EXEC))
        target_executed(target);
}

static void task_records_take(struct recording_session *session, struct task *task)
{
    union ring_record record;

    while (ring_take(&task->ring, &record)) {
        if (record.header.type == PERF_RECORD_FORK)
            targets_add_task(&session->targets, (pid_t)record.fork.process,
                             (pid_t)record.fork.thread);
        record_take(session, task->target, &record);
        if (record.header.type == PERF_RECORD_SAMPLE)
            pace_keep(&task->pace, &task->ring);
    }
    /* Before it has ended, and its mappings with it. */
    target_use(task->target);
}

/* Children first: they may run on another CPU than the one that tells of them. */
static void forks_look(struct targets *targets, const struct ring *ring)
{
    uint64_t position = ring_position(ring);
    union ring_record record;

    while (ring_look(ring, &position, &record)) {
        struct target *parent;
        if (record.header.type == PERF_RECORD_FORK &&
            (parent = targets_find(targets, (pid_t)record.fork.parent)))
            targets_add_forked(targets, parent, (pid_t)record.fork.process);
    }
}

static struct target *record_target(const struct targets *targets, const union ring_record *record)
{
    switch (record->header.type) {
    case PERF_RECORD_SAMPLE:
        return targets_find(targets, (pid_t)record->sample.process);
    case PERF_RECORD_MMAP:
    case PERF_RECORD_COMM:
        return targets_find(targets, (pid_t)record->of.process);
    default:
        return NULL;
    }
}

static void cpus_records_take(struct recording_session *session)
{
    struct targets *targets = &session->targets;
    union ring_record record;

    for (unsigned i = 0; i < targets->cpus.count; i++)
        forks_look(targets, &targets->cpus.cpus[i].ring);
    for (unsigned i = 0; i < targets->cpus.count; i++) {
        struct cpu *cpu = &targets->cpus.cpus[i];
        while (ring_take(&cpu->ring, &record)) {
            record_take(session, record_target(targets, &record), &record);
            if (record.header.type == PERF_RECORD_SAMPLE)
                pace_keep(&cpu->pace, &cpu->ring);
        }
    }
    targets_sweep(targets);
    for (struct target *target = targets->targets; target; target = target->next)
        target_use(target);
}

static void records_take(struct recording_session *session)
{
    if (session->targets.by_cpu)
        cpus_records_take(session);
    else
        for (struct task *task = session->targets.tasks; task; task = task->next)
            task_records_take(session, task);
}

/* False: the session is over. */
static bool signals_take(struct recording_session *session)
{
    struct signalfd_siginfo information;

    while (read(session->signals, &information, sizeof(information)) == sizeof(information)) {
        struct relay_signal signal = {.number = (int)information.ssi_signo,
                                      .code = information.ssi_code,
                                      .sender = (pid_t)information.ssi_pid,
                                      .value.sival_ptr = (void *)(uintptr_t)information.ssi_ptr};
        if (!session->relay.command && signal.number != SIGCHLD)
            return false;
        if (session->relay.command && relay_take(&session->relay, &signal))
            return false;
    }
    return true;
}

static int wait_milliseconds(uint64_t now, uint64_t first, uint64_t second)
{
    uint64_t until = first < second ? first : second;
    return until > now ? (int)((until - now) / 1000000 + 1) : 0;
}

/* When there is something to do beside what descriptors tell of. */
static uint64_t next_look(const struct recording_session *session, uint64_t now, uint64_t look)
{
    uint64_t next = now + (session->targets.by_cpu ? READ_EVERY_NS : COUNT_EVERY_NS);
    return next < look ? next : look;
}

/* False: the session is over. */
static bool event_take(struct recording_session *session, const struct epoll_event *event)
{
    struct targets *targets = &session->targets;

    if (!event->data.ptr)
        return signals_take(session);
    if (event->data.ptr == &targets->cpus)
        return true;
    if (targets->by_cpu) {
        target_remove(targets, event->data.ptr);
        return true;
    }
    task_records_take(session, event->data.ptr);
    if (event->events & EPOLLHUP)
        targets_remove_task(targets, event->data.ptr);
    return true;
}

void session_run(struct recording_session *session)
{
    struct targets *targets = &session->targets;
    struct epoll_event events[MOST_EVENTS], signals = {.events = EPOLLIN};
    uint64_t now = system_clock(CLOCK_MONOTONIC), look = now + LOOK_EVERY_NS;
    uint64_t end = session->duration_ns ? now + session->duration_ns : UINT64_MAX;
    bool running = epoll_ctl(targets->epoll, EPOLL_CTL_ADD, session->signals, &signals) == 0;

    session->samples_to_stack = session->stack_interval;
    session->paid_cpu_ns = system_clock(CLOCK_PROCESS_CPUTIME_ID);
    session->settled_ns = session->counted_ns = now;
    while (running && now < end && (targets->targets || session->relay.command)) {
        int count = epoll_wait(targets->epoll, events, MOST_EVENTS,
                               wait_milliseconds(now, end, next_look(session, now, look)));
        /* Before those that have ended are forgotten. */
        if (targets->by_cpu)
            cpus_records_take(session);
        for (int i = 0; i < count; i++)
            running = event_take(session, &events[i]) && running;
        account_keep(session);
        now = system_clock(CLOCK_MONOTONIC);
        if (now >= look) {
            targets_look(targets);
            look = now + LOOK_EVERY_NS;
        }
    }
    records_take(session);
    if (session->paused_ns)
        store_count(store_header(), PGORAW_COUNT_PAUSED_NANOSECONDS, now - session->paused_ns);
}
