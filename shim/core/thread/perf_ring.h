/*
 * A perf_event ring of one thread.  The mapping alone keeps the event alive:
 * its descriptor is closed at once, so that there is none to be closed, reused
 * or inherited by the application, nor one to count against its limit.
 * Fork does not copy the mapping and exec drops it: both end the event.
 */
#ifndef SHIM_CORE_THREAD_PERF_RING_H
#define SHIM_CORE_THREAD_PERF_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/core/window/window.h"

struct perf_event_attr;
struct perf_event_mmap_page;

struct perf_ring {
    struct perf_event_mmap_page *mapping; /* NULL: none */
    size_t data_size;                     /* bytes of data behind its page */
};

/*
 * Opens the event on thread `thread_id` of this process, its overflows sent to
 * that thread as `signal`, and starts it.  `data_pages`: of 4 KiB, 0 or a power of two.
 * Returns 0 or a negative errno value; -ECANCELED: no descriptor may be opened
 * any more (descriptors_forbid), -EAGAIN: a fork is under way.  Signal-safe.
 */
int perf_ring_open(struct perf_ring *ring, struct perf_event_attr *event, int thread_id, int signal,
                   size_t data_pages);

/* Ends the event.  A ring without a mapping is left alone.  Signal-safe. */
void perf_ring_close(struct perf_ring *ring);

/* A sample as the kernel writes it for PERF_SAMPLE_IP | _TIME | _BRANCH_STACK. */
struct ring_sample {
    uint64_t address;
    uint64_t time; /* of the clock that the event asked for */
    uint64_t branch_count;
    uint64_t branches[WINDOW_MOST_BRANCHES / 4 * 3]; /* {from, to, flags}, newest first */
};

/*
 * Takes the newest sample out of the ring, and empties it.  Returns how many there were, with those
 * that found no room; 0: there is none.  Signal-safe.
 */
uint64_t perf_ring_take(struct perf_ring *ring, struct ring_sample *sample);

#endif
