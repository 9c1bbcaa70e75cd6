#include "shim/outside/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define DATA_SIZE (4u * PAGE) /* a dozen samples with deep chains */

int ring_open(struct ring *ring, pid_t thread, const struct ring_settings *settings)
{
    struct perf_event_attr event;
    void *mapping;
    int result;

    memset(&event, 0, sizeof(event));
    event.size = sizeof(event);
    event.type = PERF_TYPE_SOFTWARE;
    event.config = PERF_COUNT_SW_CPU_CLOCK;
    event.sample_period = settings->period_ns;
    event.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
    event.exclude_kernel = 1;
    event.exclude_hv = 1;
    event.exclude_callchain_kernel = 1;
    event.use_clockid = 1;
    event.clockid = CLOCK_MONOTONIC;
    event.task = 1;
    event.mmap = 1;
    event.comm = 1;
    event.comm_exec = 1;
    event.watermark = 1;
    event.wakeup_watermark = 1;
    if (settings->stacks)
        event.sample_type |= PERF_SAMPLE_CALLCHAIN;
    if (settings->on_exec)
        event.disabled = event.enable_on_exec = 1;
    ring->descriptor =
        (int)syscall(SYS_perf_event_open, &event, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (ring->descriptor < 0)
        return -errno;
    mapping = mmap(NULL, PAGE + DATA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor, 0);
    if (mapping == MAP_FAILED) {
        result = -errno;
        close(ring->descriptor);
        return result;
    }
    ring->page = mapping;
    return 0;
}

void ring_close(struct ring *ring)
{
    munmap(ring->page, PAGE + DATA_SIZE);
    close(ring->descriptor);
}

void ring_pace(const struct ring *ring, uint64_t period_ns)
{
    ioctl(ring->descriptor, PERF_EVENT_IOC_PERIOD, &period_ns);
}

/* Copies `size` bytes at `position` out of the circular data area. */
static void ring_copy(const struct ring *ring, uint64_t position, void *to, size_t size)
{
    const uint8_t *data = (const uint8_t *)ring->page + PAGE;
    size_t start = position % DATA_SIZE;
    size_t first = DATA_SIZE - start < size ? DATA_SIZE - start : size;
    memcpy(to, data + start, first);
    memcpy((uint8_t *)to + first, data, size - first);
}

bool ring_take(struct ring *ring, union ring_record *record)
{
    uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
    uint64_t tail = ring->page->data_tail;
    size_t size;

    if (tail == head)
        return false;
    memset(&record->sample, 0, offsetof(union ring_record, sample.chain));
    ring_copy(ring, tail, &record->header, sizeof(record->header));
    size = record->header.size;
    ring_copy(ring, tail, record->bytes, size < sizeof(*record) ? size : sizeof(*record));
    if (record->header.type == PERF_RECORD_SAMPLE) {
        size_t chain = size > offsetof(union ring_record, sample.chain)
                           ? (size - offsetof(union ring_record, sample.chain)) / sizeof(uint64_t)
                           : 0;
        if (record->sample.chain_count > chain)
            record->sample.chain_count = chain;
        if (record->sample.chain_count > RING_DEEPEST_CHAIN)
            record->sample.chain_count = RING_DEEPEST_CHAIN;
    }
    __atomic_store_n(&ring->page->data_tail, size ? tail + size : head, __ATOMIC_RELEASE);
    return true;
}
