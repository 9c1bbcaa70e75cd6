#include "shim/outside/session.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/core/branch/source.h"
#include "shim/core/branch/window.h"
#include "shim/core/governor.h"
#include "shim/core/store/store.h"
#include "shim/core/system_call.h"
#include "shim/outside/stop.h"

#define MOST_EVENTS 64
#define LOOK_EVERY_NS 1000000000u /* for threads whose beginning was not heard of */
/* What a sample costs the thread itself: the interrupt, the call chain, waking us. */
#define INTERRUPT_NS 6000

/* The call chain, innermost first.  Frame pointers that are none end it: said to be cut. */
static void stack_add(const union ring_record *record)
{
    uint64_t locations[RING_DEEPEST_CHAIN + 1];
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
    }
    if (!whole) {
        locations[depth++] = PGORAW_LOCATION_TRUNCATED;
        store_count(header, PGORAW_COUNT_STACKS_TRUNCATED, 1);
    }
    store_add_stack(locations, depth);
    store_count(header, PGORAW_COUNT_STACKS, 1);
}

/*
 * Stops the thread where it is now, and looks ahead from there.  False: it was
 * not running any more, and there is no sample of it.
 */
static bool window_look(struct session *session, struct task *task, struct window *window)
{
    static struct stopped stopped;
    static struct pages pages;
    struct target *target = task->target;
    uint64_t wall, cpu;
    bool running;

    if (!target->lookahead)
        target->lookahead = system_map_memory(sizeof(*target->lookahead));
    if (!target->lookahead)
        return false;
    wall = system_clock(CLOCK_MONOTONIC);
    cpu = system_clock(CLOCK_PROCESS_CPUTIME_ID);
    running = stop_begin(target->id, task->id, task->id == session->command, &stopped);
    if (running) {
        lookahead_window(target->lookahead, &pages, &stopped.context, stopped.fs_base, window);
        stop_end(task->id);
    }
    wall = system_clock(CLOCK_MONOTONIC) - wall;
    cpu = system_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    session->stopped_ns = wall > cpu ? wall - cpu : 0;
    return running;
}

static void sample_add(struct session *session, struct task *task, const union ring_record *record)
{
    struct loaded_module module;
    struct window window;

    target_use(task->target);
    if (!modules_find(record->sample.address, &module))
        target_missed(task->target);
    window_begin(&window, record->sample.address);
    if (session->lookahead && !window_look(session, task, &window)) {
        store_count(store_header(), PGORAW_COUNT_DROP_NOT_STOPPED, 1);
        return;
    }
    window_commit(&window);
    if (session->stack_interval && --session->samples_to_stack == 0) {
        session->samples_to_stack = session->stack_interval;
        stack_add(record);
    }
}

/* What was spent since the last payment is this sample's. */
static void sample_pay(struct session *session)
{
    struct pgoraw_header *header = store_header();
    uint64_t now = system_clock(CLOCK_PROCESS_CPUTIME_ID);

    uint64_t delivery = INTERRUPT_NS + session->stopped_ns;

    governor_pay(now - session->paid_cpu_ns, delivery);
    store_count(header, PGORAW_COUNT_HANDLER_NANOSECONDS, now - session->paid_cpu_ns);
    store_count(header, PGORAW_COUNT_DELIVERY_NANOSECONDS, delivery);
    session->stopped_ns = 0;
    __atomic_store_n(&header->period_ns, governor_period(), __ATOMIC_RELAXED);
    session->paid_cpu_ns = now;
}

static void sample_take(struct session *session, struct task *task, const union ring_record *record)
{
    if (governor_allows(task->period_ns))
        sample_add(session, task, record);
    else
        store_count(store_header(), PGORAW_COUNT_DROP_BUDGET, 1);
    sample_pay(session);
    task_keep_pace(&session->targets, task);
}

static void records_take(struct session *session, struct task *task)
{
    union ring_record record;

    while (ring_take(&task->ring, &record)) {
        switch (record.header.type) {
        case PERF_RECORD_SAMPLE:
            sample_take(session, task, &record);
            break;
        case PERF_RECORD_FORK:
            targets_add_task(&session->targets, (pid_t)record.fork.process,
                             (pid_t)record.fork.thread);
            break;
        case PERF_RECORD_MMAP:
            task->target->modules_stale = true;
            break;
        case PERF_RECORD_COMM:
            if (record.header.misc & PERF_RECORD_MISC_COMM_EXEC)
                task->target->modules_stale = true;
            break;
        case PERF_RECORD_LOST:
            store_count(store_header(), PGORAW_COUNT_DROP_RING_FULL, record.lost.lost);
            break;
        default:
            break;
        }
    }
    /* Before it has ended, and its mappings with it. */
    target_use(task->target);
}

/* False: the session is over. */
static bool signals_take(struct session *session, int *status)
{
    struct signalfd_siginfo information;

    while (read(session->signals, &information, sizeof(information)) == sizeof(information)) {
        int signal = (int)information.ssi_signo;
        if (signal == SIGCHLD) {
            if (session->command && waitpid(session->command, status, WNOHANG) == session->command)
                return false;
        } else if (!session->command) {
            return false;
        } else if (signal != SIGINT && signal != SIGQUIT) {
            kill(session->command, signal);
        }
    }
    return true;
}

static int wait_milliseconds(uint64_t now, uint64_t first, uint64_t second)
{
    uint64_t until = first < second ? first : second;
    return until > now ? (int)((until - now) / 1000000 + 1) : 0;
}

int session_run(struct session *session)
{
    struct targets *targets = &session->targets;
    struct epoll_event events[MOST_EVENTS], signals = {.events = EPOLLIN};
    uint64_t now = system_clock(CLOCK_MONOTONIC), look = now + LOOK_EVERY_NS;
    uint64_t end = session->duration_ns ? now + session->duration_ns : UINT64_MAX;
    bool running = epoll_ctl(targets->epoll, EPOLL_CTL_ADD, session->signals, &signals) == 0;
    int status = 0;

    session->samples_to_stack = session->stack_interval;
    session->paid_cpu_ns = system_clock(CLOCK_PROCESS_CPUTIME_ID);
    while (running && now < end && (targets->tasks || session->command)) {
        int count =
            epoll_wait(targets->epoll, events, MOST_EVENTS, wait_milliseconds(now, end, look));
        for (int i = 0; i < count; i++) {
            struct task *task = events[i].data.ptr;
            if (!task) {
                running = signals_take(session, &status);
                continue;
            }
            records_take(session, task);
            if (events[i].events & EPOLLHUP)
                targets_remove_task(targets, task);
        }
        now = system_clock(CLOCK_MONOTONIC);
        if (now >= look) {
            targets_look(targets);
            look = now + LOOK_EVERY_NS;
        }
    }
    for (struct task *task = targets->tasks; task; task = task->next)
        records_take(session, task);
    return status;
}
