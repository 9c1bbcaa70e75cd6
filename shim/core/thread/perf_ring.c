#include "shim/core/thread/perf_ring.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/perf_event.h"
#include "shim/core/ground/system_call.h"

/* Overflows go to the thread as `signal`, from now on.  0 or a negative errno value. */
static long event_start(int descriptor, int thread_id, int signal)
{
    struct f_owner_ex owner = {F_OWNER_TID, thread_id};
    long result = system_call(SYS_fcntl, descriptor, F_SETOWN_EX, &owner);

    if (result == 0)
        result = system_call(SYS_fcntl, descriptor, F_SETSIG, signal);
    if (result == 0)
        result = system_call(SYS_fcntl, descriptor, F_SETFL, O_ASYNC | O_NONBLOCK);
    if (result == 0)
        result = system_call(SYS_ioctl, descriptor, PERF_EVENT_IOC_ENABLE, 0);
    return result;
}

static int ring_open(struct perf_ring *ring, struct perf_event_attr *event, int thread_id,
                     int signal, size_t data_pages)
{
    struct perf_event_mmap_page *mapping;
    size_t data_size = data_pages * PERF_EVENT_PAGE;
    int descriptor = perf_event_open(event, thread_id, -1, data_size, &mapping);
    long result;

    if (descriptor < 0)
        return descriptor;
    result = event_start(descriptor, thread_id, signal);
    system_call(SYS_close, descriptor);
    if (result < 0) {
        system_unmap(mapping, PERF_EVENT_PAGE + data_size);
        return (int)result;
    }
    ring->mapping = mapping;
    ring->data_size = data_size;
    return 0;
}

int perf_ring_open(struct perf_ring *ring, struct perf_event_attr *event, int thread_id, int signal,
                   size_t data_pages)
{
    kernel_sigset mask;
    int result;

    ring->mapping = NULL;
    if (!descriptors_begin(&mask))
        return descriptors_are_forbidden() ? -ECANCELED : -EAGAIN;
    result = ring_open(ring, event, thread_id, signal, data_pages);
    descriptors_end(&mask);
    return result;
}

void perf_ring_close(struct perf_ring *ring)
{
    if (ring->mapping)
        system_unmap(ring->mapping, PERF_EVENT_PAGE + ring->data_size);
    ring->mapping = NULL;
}

uint64_t perf_ring_take(struct perf_ring *ring, struct ring_sample *sample)
{
    struct perf_event_mmap_page *page = ring->mapping;
    uint64_t head, tail, taken = 0, lost = 0;

    if (!page || ring->data_size == 0)
        return 0;
    head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
    for (tail = page->data_tail; tail < head;) {
        struct perf_event_header header;
        uint64_t numbers[2]; /* of the event, and of what is lost */
        size_t size;
        perf_event_copy(page, ring->data_size, tail, &header, sizeof(header));
        if (header.size < sizeof(header) || header.size > head - tail)
            break;
        size = header.size - sizeof(header);
        if (header.type == PERF_RECORD_SAMPLE && size >= 16 && size <= sizeof(*sample)) {
            sample->branch_count = 0;
            perf_event_copy(page, ring->data_size, tail + sizeof(header), sample, size);
            if (size < 24 || sample->branch_count > (size - 24) / 24)
                sample->branch_count = 0;
            taken++;
        } else if (header.type == PERF_RECORD_LOST && size >= sizeof(numbers)) {
            perf_event_copy(page, ring->data_size, tail + sizeof(header), numbers, sizeof(numbers));
            lost += numbers[1];
        }
        tail += header.size;
    }
    __atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
    return taken ? taken + lost : 0;
}
