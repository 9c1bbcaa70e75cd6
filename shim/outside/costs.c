#include "shim/outside/costs.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/core/ground/system_call.h"
#include "shim/outside/ring.h"

#define ROUNDS 100    /* there and back, in each of the trials */
#define TRIALS 5      /* of each measurement: some are disturbed */
#define STEPS 2000000 /* of a loop that is interrupted: a millisecond or so */
#define EXPIRY_PERIOD_NS 100000
#define USUAL_EXPIRY_NS 6000 /* where it cannot be measured */

/* Two processes that take turns on one CPU. */
struct turns {
    pid_t other;
    clockid_t clock; /* of the other's CPU time */
    int there, back; /* our ends of two pipes */
};

static void turns_echo(int from, int to)
{
    char turn;
    while (read(from, &turn, 1) == 1 && write(to, &turn, 1) == 1)
        ;
    _exit(0);
}

static bool turns_begin(struct turns *turns)
{
    int there[2], back[2];

    if (pipe2(there, O_CLOEXEC) != 0)
        return false;
    if (pipe2(back, O_CLOEXEC) != 0 || (turns->other = fork()) < 0) {
        close(there[0]);
        close(there[1]);
        return false;
    }
    if (turns->other == 0) {
        close(there[1]);
        close(back[0]);
        turns_echo(there[0], back[1]);
    }
    close(there[0]);
    close(back[1]);
    turns->there = there[1];
    turns->back = back[0];
    return clock_getcpuclockid(turns->other, &turns->clock) == 0;
}

static void turns_end(const struct turns *turns)
{
    close(turns->there);
    close(turns->back);
    waitpid(turns->other, NULL, 0);
}

/* CPU time of both in ROUNDS turns; whoever is switched to pays for the switch.  0: it failed. */
static uint64_t turns_take(const struct turns *turns)
{
    uint64_t start = system_clock(CLOCK_PROCESS_CPUTIME_ID) + system_clock(turns->clock);
    char turn = 0;

    for (int i = 0; i < ROUNDS; i++)
        if (write(turns->there, &turn, 1) != 1 || read(turns->back, &turn, 1) != 1)
            return 0;
    return system_clock(CLOCK_PROCESS_CPUTIME_ID) + system_clock(turns->clock) - start;
}

/* Of each trial, how much longer its turns took with an event on ourselves. */
struct trials {
    uint64_t running[TRIALS], paused[TRIALS];
};

static uint64_t more(uint64_t with, uint64_t without)
{
    return with > without ? with - without : 0;
}

static void trial(const struct turns *turns, const struct ring_settings *settings,
                  struct trials *trials, int number)
{
    uint64_t plain = turns_take(turns);
    struct ring ring;

    if (ring_open(&ring, settings) != 0)
        return;
    trials->running[number] = more(turns_take(turns), plain);
    ring_pause(&ring, true);
    trials->paused[number] = more(turns_take(turns), plain);
    ring_close(&ring);
}

static int numbers_compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The median: a trial may have been disturbed. */
static uint64_t cost_of(uint64_t *trials)
{
    qsort(trials, TRIALS, sizeof(*trials), numbers_compare);
    return trials[TRIALS / 2] / ROUNDS;
}

static void switches_measure(const struct ring_settings *settings, struct event_costs *costs)
{
    struct trials trials = {0};
    cpu_set_t before, one;
    struct turns turns;
    int cpu = sched_getcpu();

    if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before), &before) != 0)
        return;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    sched_setaffinity(0, sizeof(one), &one);
    if (turns_begin(&turns)) {
        for (int i = 0; i < TRIALS; i++)
            trial(&turns, settings, &trials, i);
        turns_end(&turns);
    }
    sched_setaffinity(0, sizeof(before), &before);
    costs->switch_ns = cost_of(trials.running);
    costs->paused_switch_ns = cost_of(trials.paused);
}

/* CPU time of the loop. */
static uint64_t loop_take(void)
{
    uint64_t start = system_clock(CLOCK_PROCESS_CPUTIME_ID);
    for (volatile uint32_t step = 0; step < STEPS; step++)
        ;
    return system_clock(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static uint64_t expiry_measure(const struct ring_settings *settings)
{
    struct ring_settings fast = *settings;
    uint64_t plain = UINT64_MAX, interrupted = UINT64_MAX;

    fast.period_ns = EXPIRY_PERIOD_NS;
    for (int i = 0; i < TRIALS; i++) {
        struct ring ring;
        uint64_t time = loop_take();
        plain = time < plain ? time : plain;
        if (ring_open(&ring, &fast) != 0)
            return USUAL_EXPIRY_NS;
        time = loop_take();
        interrupted = time < interrupted ? time : interrupted;
        ring_close(&ring);
    }
    return interrupted > plain ? (interrupted - plain) / (interrupted / EXPIRY_PERIOD_NS + 1)
                               : USUAL_EXPIRY_NS;
}

struct event_costs costs_measure(uint64_t period_ns, bool stacks)
{
    struct ring_settings settings = {.thread = 0,
                                     .cpu = -1,
                                     .period_ns = period_ns,
                                     .data_size = 16384,
                                     .wakeup_size = 1,
                                     .stacks = stacks};
    struct event_costs costs = {.expiry_ns = expiry_measure(&settings)};

    switches_measure(&settings, &costs);
    return costs;
}

uint64_t switches_count(pid_t process, pid_t thread)
{
    char path[64], line[128], *at = line;
    int descriptor;
    ssize_t length;
    uint64_t count = 0;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)process, (int)thread);
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    length = read(descriptor, line, sizeof(line) - 1);
    close(descriptor);
    line[length > 0 ? length : 0] = '\0';
    /* Nanoseconds on a CPU, nanoseconds waiting for one, times that it was put on one. */
    for (int field = 0; field < 3; field++)
        count = strtoull(at, &at, 10);
    return count;
}
