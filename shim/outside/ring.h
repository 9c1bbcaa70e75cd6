/*
 * A perf event on one thread of another process, or on whatever runs on one CPU,
 * and the ring that the kernel writes its records to: samples of user code by a
 * clock that runs with the thread or CPU, and what tells of new threads and
 * processes, new mappings and exec.
 * Source of the layout: perf_event_open(2), <linux/perf_event.h>.
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
#define RING_STACK_WORDS 2u

struct ring {
    int descriptor; /* readable when there are records, hung up when the thread has ended */
    struct perf_event_mmap_page *page;
    uint32_t data_size; /* bytes of records behind that page */
};

struct ring_settings {
    pid_t thread; /* -1: all on that CPU */
    int cpu;      /* -1: wherever the thread runs */
    uint64_t period_ns;
    uint32_t data_size;   /* a power of two of pages */
    uint32_t wakeup_size; /* bytes of records that make the descriptor readable; 1: any */
    bool stacks;          /* with call chains, and the words on top of the stack */
    bool on_exec;         /* begins when the thread executes its program */
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
        uint32_t process, thread;
    } of; /* PERF_RECORD_MMAP, PERF_RECORD_COMM: whose it is */
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

/* Opens the event and its ring.  0, or a negative errno value and nothing to close. */
int ring_open(struct ring *ring, const struct ring_settings *settings);
/* Ends the event.  Records that were not taken are gone. */
void ring_close(struct ring *ring);

/* Sets another time between samples. */
void ring_pace(const struct ring *ring, uint64_t period_ns);

/* Stops the event's clock, or lets it go on; a stopped clock makes no records. */
void ring_pause(const struct ring *ring, bool pause);

/* The position of the first record that was not taken yet. */
uint64_t ring_position(const struct ring *ring);

/* Copies the record at *position, which moves behind it.  The record stays.  False: none is there.
 */
bool ring_look(const struct ring *ring, uint64_t *position, union ring_record *record);

/* The words that the stack pointer of a sample points to.  False: they were not recorded. */
bool ring_stack_top(const union ring_record *record, uint64_t words[RING_STACK_WORDS]);

/* Takes the next record out.  False: the ring is empty. */
bool ring_take(struct ring *ring, union ring_record *record);

#endif
