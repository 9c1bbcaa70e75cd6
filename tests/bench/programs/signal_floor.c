/*
 * The least that a sample can cost on this machine: an empty handler of
 * perf_event CPU-clock signals.
 *
 *     signal_floor [RATE [PAIRS [MILLISECONDS]]]     4000 a second, 30, 150
 *
 * Fixed work of a number of milliseconds is done with and without the event, in
 * interleaved pairs; what a signal costs is the difference of CPU times by the
 * number of signals: the interrupt, the kernel's delivery, an empty handler and
 * the return.  The same with an event that sends no signals says what of it is
 * the interrupt, and without an event in either what the clock resolves.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "clock_event.h"

#define MOST_PAIRS 1000

static struct perf_event_mmap_page *ring;
static volatile unsigned signals;
static volatile uint64_t sink;

static void handle(int signal)
{
    (void)signal;
    ring->data_tail = ring->data_head;
    signals++;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void work(uint64_t rounds)
{
    uint64_t value = 88172645463325252u;
    for (uint64_t i = 0; i < rounds; i++) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
    }
    sink = value;
}

static double timed(uint64_t rounds, int descriptor)
{
    double start;
    if (descriptor >= 0)
        ioctl(descriptor, PERF_EVENT_IOC_ENABLE, 0);
    start = cpu_seconds();
    work(rounds);
    start = cpu_seconds() - start;
    if (descriptor >= 0)
        ioctl(descriptor, PERF_EVENT_IOC_DISABLE, 0);
    return start;
}

static int number_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median and the ends of an interval of 95 %: the sign test turned round. */
static void print(const char *title, double *values, unsigned count)
{
    double below = 1, term = 1, all = 1;
    unsigned low = 0;
    for (unsigned i = 0; i < count; i++)
        all *= 2;
    /* The largest k with P(fewer than k of count tosses are heads) of 2.5 % at most. */
    for (low = 0; low < count / 2 && below / all <= 0.025; low++) {
        term = term * (count - low) / (low + 1);
        below += term;
    }
    low = low ? low - 1 : 0;
    qsort(values, count, sizeof(*values), number_compare);
    printf("%-48s %6.2f  %.2f ... %.2f\n", title, values[count / 2], values[low],
           values[count - 1 - low]);
}

int main(int argc, char **argv)
{
    static double costs[MOST_PAIRS], interrupts[MOST_PAIRS], noise[MOST_PAIRS];
    unsigned rate = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 4000;
    unsigned pairs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 30;
    double milliseconds = argc > 3 ? strtod(argv[3], NULL) : 150;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    unsigned per_run = 1;
    uint64_t rounds;

    if (rate == 0 || pairs < 6 || pairs > MOST_PAIRS || milliseconds <= 0) {
        fputs("usage: signal_floor [RATE [PAIRS (6 to 1000) [MILLISECONDS]]]\n", stderr);
        return 2;
    }
    sigaction(CLOCK_EVENT_SIGNAL, &action, NULL);
    int descriptor = clock_event_open(rate, &ring);
    if (descriptor < 0) {
        perror("perf_event_open");
        return 77;
    }
    timed(20000000, -1);
    rounds = (uint64_t)(milliseconds / 1000 / timed(20000000, -1) * 20000000);
    timed(rounds, descriptor);
    for (unsigned i = 0; i < pairs; i++) {
        double plain[2], signalled, silent, mean;
        plain[0] = timed(rounds, -1);
        signals = 0;
        fcntl(descriptor, F_SETFL, O_ASYNC | O_NONBLOCK);
        signalled = timed(rounds, descriptor);
        fcntl(descriptor, F_SETFL, O_NONBLOCK);
        per_run = signals ? signals : 1;
        silent = timed(rounds, descriptor);
        ring->data_tail = ring->data_head;
        plain[1] = timed(rounds, -1);
        /* The events between two without: a drift of the machine cancels out. */
        mean = (plain[0] + plain[1]) / 2;
        costs[i] = (signalled - mean) * 1e6 / per_run;
        interrupts[i] = (silent - mean) * 1e6 / per_run;
        noise[i] = (plain[1] - plain[0]) * 1e6 / per_run;
    }
    printf("signals a run: %u\n", per_run);
    print("us a signal, empty handler", costs, pairs);
    print("of it the interrupt (an event without signals)", interrupts, pairs);
    print("us a signal, no event (the clock's noise)", noise, pairs);
    return 0;
}
