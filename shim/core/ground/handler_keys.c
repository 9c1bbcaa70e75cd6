#include "shim/core/ground/handler_keys.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/wait.h>

#include "shim/core/ground/cpu_state.h"
#include "shim/core/ground/system_call.h"

#define KEYS_OF_HANDLERS 0x55555554u /* the kernel's: key 0 is open */

static uint32_t keys_now(void)
{
    uint32_t keys;
    __asm__ volatile("rdpkru" : "=a"(keys) : "c"(0) : "rdx");
    return keys;
}

/* Asks with the keys of handlers, as memory_is_readable() does.  The stack may be hidden as well:
 * only registers are used meanwhile. */
static bool is_hidden(const void *address)
{
    long result = KEYS_OF_HANDLERS, count = 0, at = (long)((uintptr_t)address / 8 * 8);
    register long size __asm__("r10") = sizeof(kernel_sigset);
    register long keys __asm__("r8") = keys_now();

    __asm__ volatile("wrpkru\n\t"
                     "mov %[call], %%eax\n\t"
                     "syscall\n\t"
                     "mov %%rax, %%rsi\n\t"
                     "mov %%r8d, %%eax\n\t"
                     "xor %%ecx, %%ecx\n\t"
                     "wrpkru"
                     : "+a"(result), "+c"(count), "+S"(at)
                     : "d"(0L), "D"(-1L), "r"(size), "r"(keys), [call] "i"(SYS_rt_sigprocmask)
                     : "r11", "memory", "cc");
    return at == -EFAULT;
}

/* A child asks, where the kernel does not write to the thread block at a moment of its choice. */
bool handlers_are_kept_from(const void *address)
{
    volatile bool hidden = true;
    int status;
    long child, result;

    if (!cpu_has_keys() || keys_now() == KEYS_OF_HANDLERS)
        return false; /* the caller runs with the same keys */
    child = system_call(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_SETTLS, 0, NULL, NULL,
                        __builtin_thread_pointer());
    if (child == 0) {
        hidden = is_hidden(address);
        for (;;)
            system_call(SYS_exit, 0);
    }
    do
        result = child > 0 ? system_call(SYS_wait4, child, &status, __WALL, NULL) : 0;
    while (result == -EINTR);
    return hidden;
}
