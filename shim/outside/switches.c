#include "shim/outside/switches.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/core/system_call.h"
#include "shim/outside/ring.h"

#define ROUNDS 100 /* there and back, in each of the trials */
#define TRIALS 5   /* the cheapest counts: others were disturbed */

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

/* CPU time of both in so many turns; whoever is switched to pays for the switch. */
static uint64_t turns_take(const struct turns *turns)
{
    uint64_t start = system_clock(CLOCK_PROCESS_CPUTIME_ID) + system_clock(turns->clock);
    char turn = 0;

    for (int i = 0; i < ROUNDS; i++)
        if (write(turns->there, &turn, 1) != 1 || read(turns->back, &turn, 1) != 1)
            return 0;
    return system_clock(CLOCK_PROCESS_CPUTIME_ID) + system_clock(turns->clock) - start;
}

static void least_take(const struct turns *turns, uint64_t *least)
{
    uint64_t time = turns_take(turns);
    if (time < *least)
        *least = time;
}

/* With an event on ourselves; the cheapest of each kind of turns. */
static void trial(const struct turns *turns, const struct ring_settings *settings, uint64_t *plain,
                  uint64_t *running, uint64_t *paused)
{
    struct ring ring;

    least_take(turns, plain);
    if (ring_open(&ring, settings) != 0)
        return;
    least_take(turns, running);
    ring_pause(&ring, true);
    least_take(turns, paused);
    ring_close(&ring);
}

static uint64_t cost_of(uint64_t with, uint64_t without)
{
    return with != UINT64_MAX && with > without ? (with - without) / ROUNDS : 0;
}

struct switch_cost switches_measure(uint64_t period_ns)
{
    struct ring_settings settings = {
        .thread = 0, .cpu = -1, .period_ns = period_ns, .data_size = 4096, .wakeup_size = 1};
    uint64_t plain = UINT64_MAX, running = UINT64_MAX, paused = UINT64_MAX;
    cpu_set_t before, one;
    struct turns turns;
    int cpu = sched_getcpu();

    if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before), &before) != 0)
        return (struct switch_cost){0};
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    sched_setaffinity(0, sizeof(one), &one);
    if (turns_begin(&turns)) {
        for (int i = 0; i < TRIALS; i++)
            trial(&turns, &settings, &plain, &running, &paused);
        turns_end(&turns);
    }
    sched_setaffinity(0, sizeof(before), &before);
    return (struct switch_cost){cost_of(running, plain), cost_of(paused, plain)};
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
