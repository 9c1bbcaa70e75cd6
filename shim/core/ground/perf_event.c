#include "shim/core/ground/perf_event.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"

struct perf_event_attr perf_event_of(uint32_t type, uint64_t config)
{
    struct perf_event_attr event;
    memset(&event, 0, sizeof(event));
    event.size = sizeof(event);
    event.type = type;
    event.config = config;
    event.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TIME;
    event.use_clockid = 1;
    event.clockid = CLOCK_MONOTONIC;
    event.exclude_kernel = 1;
    event.exclude_hv = 1;
    return event;
}

static bool is_event(long descriptor)
{
    uint64_t id;
    return system_call(SYS_ioctl, descriptor, PERF_EVENT_IOC_ID, &id) == 0;
}

int perf_event_open(struct perf_event_attr *event, pid_t thread, int cpu, size_t data_size,
                    struct perf_event_mmap_page **mapping)
{
    long descriptor =
        system_call(SYS_perf_event_open, event, thread, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    long address;

    descriptor = descriptor_move_away(descriptor, is_event);
    if (descriptor < 0)
        return (int)descriptor;
    address = places_map(PERF_EVENT_PAGE + data_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                         (int)descriptor);
    if (address < 0 && address > -4096) {
        system_call(SYS_close, descriptor);
        return (int)address;
    }
    *mapping = (struct perf_event_mmap_page *)address;
    return (int)descriptor;
}

void perf_event_copy(const struct perf_event_mmap_page *mapping, size_t data_size,
                     uint64_t position, void *to, size_t size)
{
    const uint8_t *data = (const uint8_t *)mapping + PERF_EVENT_PAGE;
    size_t start = position & (data_size - 1);
    size_t first = data_size - start < size ? data_size - start : size;
    memcpy(to, data + start, first);
    memcpy((uint8_t *)to + first, data, size - first);
}
