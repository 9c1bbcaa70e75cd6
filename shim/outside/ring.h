/*
 * A perf event on one thread of another process, and the ring that the kernel
 * writes its records to: samples of user code on the thread's own CPU time, and
 * what tells of new threads and processes, new mappings and exec.
 * Source of the layout: perf_event_open(2), <linux/perf_event.h>.
 * Only the rooms that record from outside call this.
 */
#ifndef SHIM_OUTSIDE_RING_H
#define SHIM_OUTSIDE_RING_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RING_LONGEST_RECORD 8192u
#define RING_DEEPEST_CHAIN 256u

struct ring {
    int descriptor; /* readable when there are records, hung up when the thread has ended */
    struct perf_event_mmap_page *page;
};

struct ring_settings {
    uint64_t period_ns;
    bool stacks;  /* with call chains, by frame pointers */
    bool on_exec; /* begins when the thread executes its program */
};

/* A record as the kernel writes it. */
union ring_record {
    struct perf_event_header header;
    struct {
        struct perf_event_header header;
        uint32_t process, parent, thread, parent_thread;
    } fork; /* PERF_RECORD_FORK */
    struct {
        struct perf_event_header header;
        uint64_t id, lost;
    } lost; /* PERF_RECORD_LOST */
    struct {
        struct perf_event_header header;
        uint64_t address;
        uint32_t process, thread;
        uint64_t time;        /* CLOCK_MONOTONIC */
        uint64_t chain_count; /* from here on only with call chains */
        uint64_t chain[RING_DEEPEST_CHAIN];
    } sample; /* PERF_RECORD_SAMPLE */
    uint8_t bytes[RING_LONGEST_RECORD];
};

/* 0 or a negative errno value. */
int ring_open(struct ring *ring, pid_t thread, const struct ring_settings *settings);
void ring_close(struct ring *ring);

/* Another time between samples. */
void ring_pace(const struct ring *ring, uint64_t period_ns);

/* Takes the next record out.  False: there is none. */
bool ring_take(struct ring *ring, union ring_record *record);

#endif
