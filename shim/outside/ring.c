#include "shim/outside/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u

int ring_open(struct ring *ring, const struct ring_settings *settings)
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
    event.wakeup_watermark = settings->wakeup_size;
    if (settings->stacks) {
        event.sample_type |= PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_STACK_USER;
        event.sample_stack_user = RING_STACK_WORDS * sizeof(uint64_t);
    }
    if (settings->on_exec)
        event.disabled = event.enable_on_exec = 1;
    ring->data_size = settings->data_size;
    ring->descriptor = (int)syscall(SYS_perf_event_open, &event, settings->thread, settings->cpu,
                                    -1, PERF_FLAG_FD_CLOEXEC);
    if (ring->descriptor < 0)
        return -errno;
    mapping =
        mmap(NULL, PAGE + ring->data_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor, 0);
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
    munmap(ring->page, PAGE + ring->data_size);
    close(ring->descriptor);
}

void ring_pace(const struct ring *ring, uint64_t period_ns)
{
    ioctl(ring->descriptor, PERF_EVENT_IOC_PERIOD, &period_ns);
}

void ring_pause(const struct ring *ring, bool pause)
{
    ioctl(ring->descriptor, pause ? PERF_EVENT_IOC_DISABLE : PERF_EVENT_IOC_ENABLE, 0);
}

/* Copies `size` bytes at `position` out of the circular data area. */
static void ring_copy(const struct ring *ring, uint64_t position, void *to, size_t size)
{
    const uint8_t *data = (const uint8_t *)ring->page + PAGE;
    size_t start = position % ring->data_size;
    size_t first = ring->data_size - start < size ? ring->data_size - start : size;
    memcpy(to, data + start, first);
    memcpy((uint8_t *)to + first, data, size - first);
}

bool ring_stack_top(const union ring_record *record, uint64_t words[RING_STACK_WORDS])
{
    struct {
        uint64_t asked;
        uint64_t words[RING_STACK_WORDS];
        uint64_t size;
    } dump;
    size_t at = offsetof(union ring_record, sample.chain) +
                record->sample.chain_count * sizeof(*record->sample.chain);

    if (at + sizeof(dump) > record->header.size || record->header.size > sizeof(*record))
        return false;
    memcpy(&dump, record->bytes + at, sizeof(dump));
    memcpy(words, dump.words, sizeof(dump.words));
    return dump.asked == sizeof(dump.words) && dump.size == sizeof(dump.words);
}

uint64_t ring_position(const struct ring *ring)
{
    return ring->page->data_tail;
}

bool ring_look(const struct ring *ring, uint64_t *position, union ring_record *record)
{
    uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
    size_t size;

    if (*position == head)
        return false;
    memset(&record->sample, 0, offsetof(union ring_record, sample.chain));
    ring_copy(ring, *position, &record->header, sizeof(record->header));
    size = record->header.size;
    ring_copy(ring, *position, record->bytes, size < sizeof(*record) ? size : sizeof(*record));
    if (record->header.type == PERF_RECORD_SAMPLE) {
        size_t chain = size > offsetof(union ring_record, sample.chain)
                           ? (size - offsetof(union ring_record, sample.chain)) / sizeof(uint64_t)
                           : 0;
        if (record->sample.chain_count > chain)
            record->sample.chain_count = chain;
        if (record->sample.chain_count > RING_DEEPEST_CHAIN)
            record->sample.chain_count = RING_DEEPEST_CHAIN;
    }
    *position = size ? *position + size : head;
    return true;
}

bool ring_take(struct ring *ring, union ring_record *record)
{
    uint64_t position = ring_position(ring);

    if (!ring_look(ring, &position, record))
        return false;
    __atomic_store_n(&ring->page->data_tail, position, __ATOMIC_RELEASE);
    return true;
}
