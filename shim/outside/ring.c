#include "shim/outside/ring.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shim/core/ground/perf_event.h"

static struct perf_event_attr event_wanted(const struct ring_settings *settings)
{
    struct perf_event_attr event = perf_event_of(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);

    event.sample_period = settings->period_ns;
    event.sample_type |= PERF_SAMPLE_TID;
    event.exclude_callchain_kernel = 1;
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
    return event;
}

int ring_open(struct ring *ring, const struct ring_settings *settings)
{
    struct perf_event_attr event = event_wanted(settings);

    ring->data_size = settings->data_size;
    ring->descriptor =
        perf_event_open(&event, settings->thread, settings->cpu, ring->data_size, &ring->page);
    return ring->descriptor < 0 ? ring->descriptor : 0;
}

void ring_close(struct ring *ring)
{
    munmap(ring->page, PERF_EVENT_PAGE + ring->data_size);
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
    perf_event_copy(ring->page, ring->data_size, *position, &record->header,
                    sizeof(record->header));
    size = record->header.size;
    perf_event_copy(ring->page, ring->data_size, *position, record->bytes,
                    size < sizeof(*record) ? size : sizeof(*record));
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
