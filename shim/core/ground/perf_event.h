/*
 * Opening a perf event on user code, and reading its ring.
 * Source of the layout: perf_event_open(2), <linux/perf_event.h>.
 */
#ifndef SHIM_CORE_GROUND_PERF_EVENT_H
#define SHIM_CORE_GROUND_PERF_EVENT_H

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PERF_EVENT_PAGE 4096u /* bytes before the ring's data */

/*
 * An event that counts in user mode only, so that a sample never interrupts a system call.  Its
 * samples have the address, and the time of CLOCK_MONOTONIC; the caller adds what it wants.
 */
struct perf_event_attr perf_event_of(uint32_t type, uint64_t config);

/*
 * Opens it on `thread` (-1: any, 0: the calling one) and `cpu` (-1: any), and maps its ring with
 * `data_size` bytes of data (0 or a power of two of pages) to *mapping.  Returns a descriptor,
 * closed by exec, or a negative errno value.  Signal-safe.
 */
int perf_event_open(struct perf_event_attr *event, pid_t thread, int cpu, size_t data_size,
                    struct perf_event_mmap_page **mapping);

/* Copies `size` bytes at `position` out of the circular data of a ring.  Signal-safe. */
void perf_event_copy(const struct perf_event_mmap_page *mapping, size_t data_size,
                     uint64_t position, void *to, size_t size);

#endif
