/*
 * close, closefrom, close_range, dup2, dup3: what the application closes must not be a descriptor
 * of ours, and is known to the core before it happens.
 *
 * All may be called in handlers, and in children that share their parent's memory (vfork).
 */
#include "shim/preload/descriptors.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/core/ground/system_call.h"
#include "shim/preload/preload.h"

#define CLOSE_RANGE_MARKS 4u /* CLOSE_RANGE_CLOEXEC: nothing is closed */

static const struct core_interface *core_here(void)
{
    return preload_stands_aside() ? NULL : preload_core();
}

void descriptor_closes(int number)
{
    const struct core_interface *core = core_here();
    if (core)
        core->number_closes(number);
}

void descriptor_is_taken(int number)
{
    const struct core_interface *core = core_here();
    if (core)
        core->number_is_taken(number);
}

void descriptors_close_in_bulk(void)
{
    const struct core_interface *core = core_here();
    if (core)
        core->unknown_numbers_close();
}

void descriptor_call_watch(long number, const long *value)
{
    if (number == SYS_close)
        descriptor_closes((int)value[0]);
    if (number == SYS_dup2 || number == SYS_dup3)
        descriptor_is_taken((int)value[1]);
    if (number == SYS_close_range && !(value[2] & CLOSE_RANGE_MARKS))
        descriptors_close_in_bulk();
}

/*
 * Loops go up to a million and more, and the question whether other threads run is a system call of
 * its own: it is asked for the first number of those that follow each other.
 */
void descriptor_close_end(int number, int result)
{
    static __thread int last = -2;

    if (result >= 0 || errno != EBADF)
        return;
    if (number != last + 1 && number != last - 1)
        descriptors_close_in_bulk();
    last = number;
}

PRELOAD_EXPORT int close(int number)
{
    static void *slot;
    int (*next)(int), result;

    *(void **)&next = preload_next(&slot, "close");
    descriptor_closes(number);
    result = next(number);
    descriptor_close_end(number, result);
    return result;
}

PRELOAD_EXPORT int dup2(int old, int number)
{
    static void *slot;
    int (*next)(int, int);

    *(void **)&next = preload_next(&slot, "dup2");
    descriptor_is_taken(number);
    return next(old, number);
}

PRELOAD_EXPORT int dup3(int old, int number, int flags)
{
    static void *slot;
    int (*next)(int, int, int);

    *(void **)&next = preload_next(&slot, "dup3");
    descriptor_is_taken(number);
    return next(old, number, flags);
}

/* Of the kernel, where libc is too old to have it. */
static int range_close(unsigned first, unsigned last, int flags)
{
    long result = system_call(SYS_close_range, first, last, flags);

    if (result < 0)
        errno = (int)-result;
    return result < 0 ? -1 : 0;
}

PRELOAD_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    static void *slot;
    int (*next)(unsigned, unsigned, int);

    *(void **)&next = preload_next(&slot, "close_range");
    if (!((unsigned)flags & CLOSE_RANGE_MARKS))
        descriptors_close_in_bulk();
    return next ? next(first, last, flags) : range_close(first, last, flags);
}

PRELOAD_EXPORT void closefrom(int first)
{
    static void *slot;
    void (*next)(int);

    *(void **)&next = preload_next(&slot, "closefrom");
    descriptors_close_in_bulk();
    if (next)
        next(first);
    else
        range_close(first < 0 ? 0 : (unsigned)first, ~0u, 0);
}
