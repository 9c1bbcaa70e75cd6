/*
 * What libunwind gets in place of libc's, where the loader of the core (shim/objects) asks: it is
 * set up in a signal handler, where none of these may be what they are elsewhere.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "shim/core/ground/places.h"
#include "shim/objects/object.h"

/* Its one address space: some 100 KiB at most.  Nothing is freed. */
static _Alignas(16) uint8_t memory[160u << 10];
static size_t used;

static void *memory_take(size_t count, size_t size)
{
    size_t wanted = (count * size + 15) / 16 * 16;
    size_t at = __atomic_fetch_add(&used, wanted, __ATOMIC_RELAXED);
    return at + wanted <= sizeof(memory) ? memory + at : NULL;
}

static void *memory_take_one(size_t size)
{
    return memory_take(1, size);
}

static void memory_leave(void *block)
{
    (void)block;
}

/* It guards its locks with full masks: in a handler of ours all signals are blocked anyway. */
static int mask_leave(int how, const sigset_t *set, sigset_t *old)
{
    (void)how;
    (void)set;
    if (old)
        sigemptyset(old);
    return 0;
}

/* With a pipe it validates addresses, which our accessors never ask for. */
static int pipe_refuse(int *descriptors, int flags)
{
    (void)flags;
    descriptors[0] = descriptors[1] = -1;
    return -1;
}

/* Pages for its pools, without a file: in our places, not in a hole of the program. */
static void *pages_map(void *wish, size_t size, int protection, int flags, int descriptor, off_t at)
{
    long result = places_map(size, protection, flags, descriptor);
    (void)wish;
    (void)at;
    return result < 0 && result > -4096 ? MAP_FAILED : (void *)result;
}

#define ANSWER(name, function) {name, (void *)(uintptr_t)(function)}

__attribute__((visibility("default"))) extern const struct object_symbol pgoshim_core_symbols[];
const struct object_symbol pgoshim_core_symbols[] = {
    ANSWER("calloc", memory_take),
    ANSWER("malloc", memory_take_one),
    ANSWER("free", memory_leave),
    ANSWER("sigprocmask", mask_leave),
    ANSWER("pipe2", pipe_refuse),
    ANSWER("mmap", pages_map),
    {NULL, NULL},
};
