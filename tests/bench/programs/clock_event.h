/* An event of perf's CPU clock on the calling thread, with signals, as the shim's sampler has it.
 */
#ifndef TESTS_BENCH_PROGRAMS_CLOCK_EVENT_H
#define TESTS_BENCH_PROGRAMS_CLOCK_EVENT_H

#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_EVENT_SIGNAL SIGSTKFLT

/* Disabled, and its signals too (fcntl F_SETFL O_ASYNC).  -1, and errno says why: none. */
static inline int clock_event_open(unsigned rate, struct perf_event_mmap_page **ring)
{
    struct perf_event_attr event;
    struct f_owner_ex owner = {F_OWNER_TID, (int)syscall(SYS_gettid)};
    memset(&event, 0, sizeof(event));
    event.size = sizeof(event);
    event.type = PERF_TYPE_SOFTWARE;
    event.config = PERF_COUNT_SW_CPU_CLOCK;
    event.sample_period = 1000000000u / rate;
    event.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TIME;
    event.use_clockid = 1;
    event.clockid = CLOCK_MONOTONIC;
    event.exclude_kernel = 1;
    event.exclude_hv = 1;
    event.wakeup_events = 1;
    event.disabled = 1;
    int descriptor = (int)syscall(SYS_perf_event_open, &event, owner.pid, -1, -1, 0);
    if (descriptor < 0)
        return -1;
    *ring = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (*ring == MAP_FAILED || fcntl(descriptor, F_SETOWN_EX, &owner) != 0 ||
        fcntl(descriptor, F_SETSIG, CLOCK_EVENT_SIGNAL) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

#endif
