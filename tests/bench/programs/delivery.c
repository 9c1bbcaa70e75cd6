/*
 * What the delivery of a sample costs, beside the time that its signal takes to
 * come, which is all that a handler can see of it.
 *
 *     delivery [SECONDS]        of each row, 6
 *
 * Work is done in slices of some 50 microseconds; a slice in which a signal came
 * takes longer than the median by what all of it costs: the interrupt, the signal,
 * an empty handler, the return; and the five slices after it as much as the application
 * then lacks of its caches.  Rates from 1,000 samples a second to 40; work in the
 * first level's cache, in the second's, and in none.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "clock_event.h"

#define SLICE_NS 50000
#define MOST_SLICES 400000
#define MOST_SIGNALS 40000
#define AFTERWARDS 5

static struct perf_event_mmap_page *ring;
static volatile unsigned signals;
static uint64_t arrivals[MOST_SIGNALS];
static uint32_t lengths[MOST_SLICES], sorted[MOST_SLICES];
static unsigned signals_before[MOST_SLICES];
static uint64_t state = 88172645463325252u;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The ring has the one sample: its header, the address, and when it was due. */
static void handle(int signal)
{
    uint64_t now = now_ns();
    const uint8_t *data = (const uint8_t *)ring + 4096;
    uint64_t due;

    (void)signal;
    for (size_t i = 0; i < sizeof(due); i++)
        ((uint8_t *)&due)[i] = data[(ring->data_tail + 16 + i) % 4096];
    ring->data_tail = ring->data_head;
    if (signals < MOST_SIGNALS)
        arrivals[signals++] = now - due;
}

static void work(uint64_t *memory, size_t words, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        memory[(state >> 33) % words] += state;
    }
}

static int compare_lengths(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static int compare_times(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare_times);
    return count ? values[count / 2] : 0;
}

static int row(unsigned rate, size_t bytes, unsigned seconds)
{
    static double costs[MOST_SIGNALS], later[MOST_SIGNALS], came[MOST_SIGNALS];
    size_t words = bytes / sizeof(uint64_t);
    uint64_t *memory = calloc(words, sizeof(uint64_t));
    int descriptor = memory ? clock_event_open(rate, &ring) : -1;
    unsigned slices = 0, hit = 0, rounds = 1000;

    if (descriptor < 0)
        return -1;
    for (size_t i = 0; i < words; i++)
        memory[i] = i;
    for (;;) { /* as many rounds as fill a slice */
        uint64_t start = now_ns();
        work(memory, words, rounds);
        if (now_ns() - start >= SLICE_NS)
            break;
        rounds += rounds / 8;
    }
    signals = 0;
    fcntl(descriptor, F_SETFL, O_ASYNC | O_NONBLOCK);
    ioctl(descriptor, PERF_EVENT_IOC_ENABLE, 0);
    uint64_t end = now_ns() + seconds * UINT64_C(1000000000);
    for (uint64_t start = now_ns(), stop; slices < MOST_SLICES && start < end; start = stop) {
        signals_before[slices] = signals;
        work(memory, words, rounds);
        stop = now_ns();
        lengths[slices++] = stop - start < UINT32_MAX ? (uint32_t)(stop - start) : UINT32_MAX;
    }
    ioctl(descriptor, PERF_EVENT_IOC_DISABLE, 0);
    munmap(ring, 8192);
    close(descriptor);
    free(memory);
    memcpy(sorted, lengths, slices * sizeof(*lengths));
    qsort(sorted, slices, sizeof(*sorted), compare_lengths);
    double usual = sorted[slices / 2];
    for (unsigned i = 0; i + AFTERWARDS + 1 < slices; i++) {
        if (signals_before[i + 1] != signals_before[i] + 1)
            continue;
        came[hit] = (double)arrivals[signals_before[i]] / 1000;
        costs[hit] = (lengths[i] - usual) / 1000;
        later[hit] = 0;
        for (unsigned j = i + 1; j <= i + AFTERWARDS; j++)
            later[hit] += (lengths[j] - usual) / 1000;
        hit++;
    }
    double arrival = median(came, hit), cost = median(costs, hit), rest = median(later, hit);
    printf("%8u %10zu %8u %10.1f %10.1f %10.1f %10.2f\n", rate, bytes >> 10, hit, arrival, cost,
           rest, arrival > 0 ? (cost + rest) / arrival : 0);
    return 0;
}

int main(int argc, char **argv)
{
    static const unsigned rates[] = {1000, 200, 40};
    static const size_t sizes[] = {16u << 10, 512u << 10, 32u << 20};
    unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 6;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};

    if (seconds == 0) {
        fputs("usage: delivery [SECONDS]\n", stderr);
        return 2;
    }
    sigaction(CLOCK_EVENT_SIGNAL, &action, NULL);
    printf("%8s %10s %8s %10s %10s %10s %10s\n", "rate/s", "work KiB", "signals", "arrival us",
           "cost us", "later us", "in arrivals");
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            if (row(rates[i], sizes[j], seconds) != 0) {
                perror("perf_event_open");
                return 77;
            }
            fflush(stdout);
        }
    }
    return 0;
}
