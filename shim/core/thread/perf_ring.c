#include "shim/core/thread/perf_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "shim/core/ground/system_call.h"

#define PAGE 4096u

int perf_ring_open(struct perf_ring *ring, struct perf_event_attr *event, int thread_id, int signal,
                   size_t data_pages)
{
    struct f_owner_ex owner = {F_OWNER_TID, thread_id};
    size_t size = (data_pages + 1) * PAGE;
    long descriptor, mapping, result;

    ring->mapping = NULL;
    descriptor = system_call(SYS_perf_event_open, event, thread_id, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (descriptor < 0)
        return (int)descriptor;
    mapping = system_call(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    result = mapping < 0 && mapping > -4096 ? mapping : 0;
    if (result == 0) {
        result = system_call(SYS_fcntl, descriptor, F_SETOWN_EX, &owner);
        if (result == 0)
            result = system_call(SYS_fcntl, descriptor, F_SETSIG, signal);
        if (result == 0)
            result = system_call(SYS_fcntl, descriptor, F_SETFL, O_ASYNC | O_NONBLOCK);
        if (result == 0)
            result = system_call(SYS_ioctl, descriptor, PERF_EVENT_IOC_ENABLE, 0);
        if (result < 0)
            system_unmap((void *)mapping, size);
    }
    system_call(SYS_close, descriptor);
    if (result < 0)
        return (int)result;
    ring->mapping = (void *)mapping;
    ring->size = size;
    return 0;
}

void perf_ring_close(struct perf_ring *ring)
{
    if (ring->mapping)
        system_unmap(ring->mapping, ring->size);
    ring->mapping = NULL;
}

/* Copies `size` bytes at `position` out of the circular data area. */
static void ring_copy(const struct perf_ring *ring, uint64_t position, void *to, size_t size)
{
    const uint8_t *data = (const uint8_t *)ring->mapping + PAGE;
    size_t data_size = ring->size - PAGE;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)to)[i] = data[(position + i) & (data_size - 1)];
}

bool perf_ring_take(struct perf_ring *ring, struct ring_sample *sample)
{
    struct perf_event_mmap_page *page = ring->mapping;
    uint64_t head, tail;
    bool found = false;

    if (!page || ring->size <= PAGE)
        return false;
    head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
    for (tail = page->data_tail; tail < head;) {
        struct perf_event_header header;
        size_t size;
        ring_copy(ring, tail, &header, sizeof(header));
        if (header.size < sizeof(header) || header.size > head - tail)
            break;
        size = header.size - sizeof(header);
        if (header.type == PERF_RECORD_SAMPLE && size >= 16 && size <= sizeof(*sample)) {
            sample->branch_count = 0;
            ring_copy(ring, tail + sizeof(header), sample, size);
            if (size < 24 || sample->branch_count > (size - 24) / 24)
                sample->branch_count = 0;
            found = true;
        }
        tail += header.size;
    }
    __atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
    return found;
}
