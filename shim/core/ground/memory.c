#include "shim/core/ground/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "shim/core/ground/cpu_state.h"
#include "shim/core/ground/system_call.h"

#define STRING_STEP 64 /* divides the page size: a step never reaches into the next page */

static long process;    /* ours, or the one that is looked at from outside */
static bool is_another; /* the latter */

bool memory_start(void)
{
    uint64_t known = UINT64_C(0x0123456789abcdef), copy = 0;
    process = system_call(SYS_getpid);
    return memory_read(&copy, (uint64_t)(uintptr_t)&known, sizeof(copy)) && copy == known;
}

void memory_use_process(pid_t id)
{
    is_another = true;
    process = id;
}

/* The kernel looks at the mask before it looks at what to do with it, which here is nothing. */
bool memory_is_readable(uint64_t address)
{
    enum { NOTHING = -1 };
    return system_call(SYS_rt_sigprocmask, NOTHING, address / 8 * 8, NULL, sizeof(kernel_sigset)) !=
           -EFAULT;
}

/* process_vm_readv goes past protection keys. */
static bool keys_allow(uint64_t address, size_t size)
{
    return !cpu_has_keys() || is_another ||
           (memory_is_readable(address) && memory_is_readable(address + size - 1));
}

bool memory_read(void *to, uint64_t address, size_t size)
{
    struct iovec local = {to, size};
    struct iovec remote = {(void *)(uintptr_t)address, size};
    return keys_allow(address, size) &&
           system_call(SYS_process_vm_readv, process, &local, 1, &remote, 1, 0) == (long)size;
}

bool memory_read_string(char *to, uint64_t address, size_t size)
{
    for (size_t length = 0; length < size;) {
        size_t step = STRING_STEP - (address + length) % STRING_STEP;
        if (step > size - length)
            step = size - length;
        if (!memory_read(to + length, address + length, step))
            return false;
        if (memchr(to + length, '\0', step))
            return true;
        length += step;
    }
    return false;
}
