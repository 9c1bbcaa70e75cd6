/*
 * mlockall within a limit (RLIMIT_MEMLOCK): what we have mapped must not count.  The kernel
 * compares the limit with all memory that the process has, so what the application has is locked
 * here, mapping by mapping, as the kernel would have done without us.  Who locks all memory to come
 * (MCL_FUTURE) would have what we map later counted too: sampling ends.
 *
 * Where there is no limit, or the application has the right to ignore it, the kernel does it all.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/preload/preload.h"

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1u
#endif

struct mapped_range {
    uint64_t start, end;
    bool can_be_read;
};

typedef void mapping_function(const struct mapped_range *mapping, void *argument);

/* This object, as it is mapped. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

static bool is_ours(const struct mapped_range *mapping)
{
    return places_hold(mapping->start) ||
           (mapping->start >= (uintptr_t)__ehdr_start && mapping->start < (uintptr_t)_end);
}

/* A line of /proc/self/maps as it is read: "START-END PERMISSIONS ...". */
struct line {
    struct mapped_range mapping;
    enum { START, END, READ, REST } at;
};

/* True: the mapping is complete. */
static bool line_read(struct line *line, char next)
{
    uint64_t *number = line->at == START ? &line->mapping.start : &line->mapping.end;

    if (next == '\n') {
        *line = (struct line){.at = START};
        return false;
    }
    if (line->at == READ) {
        line->mapping.can_be_read = next == 'r';
        line->at = REST;
        return true;
    }
    if (line->at == REST)
        return false;
    if (next == '-' || next == ' ')
        line->at++;
    else
        *number = *number * 16 + (uint64_t)(next <= '9' ? next - '0' : next - 'a' + 10);
    return false;
}

/* Calls the function with each mapping of the application.  False: they cannot be read. */
static bool mappings_visit(mapping_function *function, void *argument)
{
    struct line line = {.at = START};
    char text[1024];
    long length,
        descriptor = descriptor_move_away(
            system_call(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC), NULL);

    if (descriptor < 0)
        return false;
    while ((length = system_call(SYS_read, descriptor, text, sizeof(text))) > 0)
        for (long i = 0; i < length; i++)
            if (line_read(&line, text[i]) && !is_ours(&line.mapping))
                function(&line.mapping, argument);
    system_call(SYS_close, descriptor);
    return length == 0;
}

static void size_add(const struct mapped_range *mapping, void *sum)
{
    *(uint64_t *)sum += mapping->end - mapping->start;
}

/* What cannot be locked is left out, as by mlockall. */
static void mapping_lock(const struct mapped_range *mapping, void *flags)
{
    unsigned wanted = mapping->can_be_read ? *(const unsigned *)flags : MLOCK_ONFAULT;
    system_call(SYS_mlock2, mapping->start, mapping->end - mapping->start, wanted);
}

static bool may_ignore_limits(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};

    return system_call(SYS_capget, &header, data) != 0 ||
           (data[0].effective >> CAP_IPC_LOCK & 1) != 0;
}

/* Bytes that the process may lock; RLIM_INFINITY: as much as it wants. */
static uint64_t limit_now(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    system_call(SYS_prlimit64, 0, RLIMIT_MEMLOCK, NULL, &limit);
    return limit.rlim_cur == RLIM_INFINITY || may_ignore_limits() ? RLIM_INFINITY : limit.rlim_cur;
}

PRELOAD_EXPORT int mlockall(int flags)
{
    static void *slot;
    int (*next)(int);
    const struct core_interface *core = preload_stands_aside() ? NULL : preload_core();
    bool is_valid = flags == (flags & (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
    uint64_t limit = core && is_valid ? limit_now() : RLIM_INFINITY, size = 0;
    unsigned lock_flags = flags & MCL_ONFAULT ? MLOCK_ONFAULT : 0;

    *(void **)&next = preload_next(&slot, "mlockall");
    if (limit == RLIM_INFINITY || limit == 0 || !mappings_visit(size_add, &size))
        return next(flags);
    if (flags & MCL_CURRENT && size > limit) {
        errno = ENOMEM;
        return -1;
    }
    if (flags & MCL_FUTURE)
        core->wind_down("it locks all memory to come, within a limit (ulimit -l)");
    if (!(flags & MCL_CURRENT))
        return next(flags);
    mappings_visit(mapping_lock, &lock_flags);
    return flags & MCL_FUTURE ? next(flags & ~MCL_CURRENT) : 0;
}
