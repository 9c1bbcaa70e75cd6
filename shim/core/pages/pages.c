#include "shim/core/pages/pages.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/modules/modules.h"

#define AGE_SHIFT 32 /* nanoseconds to units of age */
#define LINKS_OF_ONE_TASK 3
#define HEAP_STEP (UINT64_C(64) << 20)

/*
 * The heap that brk(2) has made since we started: the kernel put plain memory
 * there.  [start, end) as last heard of.
 */
static uint64_t heap_start, heap_end;

void pages_start(void)
{
    heap_start = heap_end = (uint64_t)system_call(SYS_brk, 0);
}

void pages_heap_from(uint64_t start)
{
    if (start && start < heap_start)
        heap_start = start;
}

static bool heap_holds(uint64_t address)
{
    uint64_t end = __atomic_load_n(&heap_end, __ATOMIC_RELAXED);

    /* It grows by steps: ask again where the address is not far above. */
    if (heap_start && address >= end && address - end < HEAP_STEP) {
        end = (uint64_t)system_call(SYS_brk, 0);
        __atomic_store_n(&heap_end, end, __ATOMIC_RELAXED);
    }
    return address >= heap_start && address < end;
}

/*
 * To unshare what is not shared changes nothing, and the kernel refuses it where there are others
 * (unshare(2), CLONE_VM).  A container may refuse it altogether: then the tasks are counted.
 */
bool pages_process_is_alone(void)
{
    long result = system_call(SYS_unshare, CLONE_VM);
    struct stat tasks = {0};

    if (result != -EPERM && result != -ENOSYS)
        return result == 0;
    return system_call(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &tasks, 0) == 0 &&
           tasks.st_nlink == LINKS_OF_ONE_TASK;
}

void pages_begin(struct pages *pages, uint64_t stack_low, uint64_t stack_high)
{
    pages->stack_low = stack_low;
    pages->stack_high = stack_high;
    pages->alone = pages_process_is_alone();
    pages->age = (uint32_t)(system_clock(CLOCK_MONOTONIC) >> AGE_SHIFT);
    if (++pages->sample == 0)
        pages->sample = 1;
}

static struct page_entry *entry_of(struct pages *pages, uint64_t page)
{
    return &pages->entries[(page ^ page >> 9) % PAGE_ENTRIES];
}

static bool is_own_stack(const struct pages *pages, uint64_t address)
{
    return address >= pages->stack_low && address < pages->stack_high;
}

bool pages_direct(struct pages *pages, uint64_t address)
{
    uint64_t page = address / PAGE_SIZE;
    struct page_entry *entry = entry_of(pages, page);

    if (entry->page == page && entry->sample == pages->sample)
        return true;
    if (!is_own_stack(pages, address) &&
        (!(pages->alone || modules_hold_for_good(address)) ||
         !((entry->page == page && entry->age == pages->age) || heap_holds(address))))
        return false;
    if (!memory_is_readable(address))
        return false;
    *entry = (struct page_entry){page, pages->sample, pages->age};
    return true;
}

void pages_mark_plain(struct pages *pages, uint64_t address)
{
    uint64_t page = address / PAGE_SIZE;
    struct page_entry *entry = entry_of(pages, page);

    entry->page = page;
    entry->age = pages->age;
    entry->sample = pages->alone ? pages->sample : pages->sample - 1;
}

bool pages_read(struct pages *pages, void *to, uint64_t address, size_t size)
{
    uint64_t last = address + size - 1;

    if (pages_direct(pages, address) &&
        (address / PAGE_SIZE == last / PAGE_SIZE || pages_direct(pages, last))) {
        memcpy(to, (const void *)(uintptr_t)address, size);
        return true;
    }
    if (!memory_read(to, address, size))
        return false;
    pages_mark_plain(pages, address);
    pages_mark_plain(pages, last);
    return true;
}
