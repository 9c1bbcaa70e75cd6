#include "shim/core/ground/places.h"

#include <errno.h>
#include <sys/mman.h>

#include "shim/core/ground/system_call.h"

#define PAGE UINT64_C(4096)
#define DISTANCE (UINT64_C(64) << 30) /* below the objects that a process begins with */
#define AREA_SIZE (UINT64_C(16) << 30)
#define TRIES 32
#define LEAP (UINT64_C(64) << 20) /* past what is there */

static uint64_t area;   /* 0: none */
static uint64_t offset; /* in it, of the next place; round and round */

uint64_t places_area(const void *near, unsigned number)
{
    uint64_t address = (uint64_t)(uintptr_t)near / PAGE * PAGE;
    return address > 2 * DISTANCE ? address - DISTANCE + number * AREA_SIZE : 0;
}

void places_use(uint64_t wanted)
{
    area = wanted;
    offset = 0;
}

bool places_hold(uint64_t address)
{
    return area && address >= area && address - area < DISTANCE / 2;
}

/* A page stays free behind each, so that the kernel does not make one mapping of two. */
static uint64_t place_next(size_t length)
{
    uint64_t step = (length + 2 * PAGE - 1) / PAGE * PAGE;
    return area + __atomic_fetch_add(&offset, step, __ATOMIC_RELAXED) % AREA_SIZE;
}

/* Kernels before 4.17 take the address for a wish, and put the mapping elsewhere. */
long places_map(size_t length, int protection, int flags, int descriptor)
{
    long result = -EEXIST;

    for (int i = 0; i < TRIES && area && result == -EEXIST; i++) {
        result = system_call(SYS_mmap, place_next(length), length, protection,
                             flags | MAP_FIXED_NOREPLACE, descriptor, 0);
        if (result == -EEXIST)
            __atomic_fetch_add(&offset, LEAP, __ATOMIC_RELAXED);
    }
    if (result >= 0 || result <= -4096)
        return result;
    return system_call(SYS_mmap, 0, length, protection, flags, descriptor, 0);
}

void *places_map_memory(size_t length)
{
    long result = places_map(length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    return result < 0 && result > -4096 ? NULL : (void *)result;
}
