/*
 * System calls that change what the core may do, and rdtsc.  Once the application has put a
 * seccomp filter in place, any system call of ours might kill it: sampling ends
 * just before.  A question whether there are filters, with none at hand (NULL), puts
 * nothing in place.  Once it serves page faults itself (userfaultfd), a look at its
 * memory might have to wait for it: no look is taken any more.
 */
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "shim/preload/preload.h"
#include "shim/preload/rights.h"
#include "shim/preload/signal_stacks.h"

static void wind_down(void)
{
    const struct core_interface *core = preload_core();
    if (core && !preload_stands_aside()) {
        handlers_release();
        core->wind_down("a system call filter is put in place");
    }
    preload_stand_aside();
}

PRELOAD_EXPORT int prctl(int option, ...)
{
    static void *slot;
    int (*next)(int, ...);
    unsigned long value[4];
    va_list arguments;

    va_start(arguments, option);
    for (int i = 0; i < 4; i++)
        value[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    *(void **)&next = preload_next(&slot, "prctl");
    if (option == PR_SET_TSC && value[0] == PR_TSC_SIGSEGV && preload_core())
        preload_core()->forbid_time_stamps();
    if (option == PR_SET_SECCOMP && (value[0] != SECCOMP_MODE_FILTER || value[1]))
        wind_down();
    return next(option, value[0], value[1], value[2], value[3]);
}

PRELOAD_EXPORT long syscall(long number, ...)
{
    static void *slot;
    long (*next)(long, ...);
    long value[6], result;
    bool changes_rights;
    va_list arguments;

    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        value[i] = va_arg(arguments, long);
    va_end(arguments);
    *(void **)&next = preload_next(&slot, "syscall");
    if (number == SYS_userfaultfd && preload_core())
        preload_core()->avoid_memory();
    if (number == SYS_sigaltstack)
        return sigaltstack((const stack_t *)value[0], (stack_t *)value[1]);
    if (number == SYS_prctl && value[0] == PR_SET_TSC && value[1] == PR_TSC_SIGSEGV &&
        preload_core())
        preload_core()->forbid_time_stamps();
    if (number == SYS_prctl && value[0] == PR_SET_SECCOMP &&
        (value[1] != SECCOMP_MODE_FILTER || value[2]))
        wind_down();
    if (number == SYS_seccomp &&
        (value[0] == SECCOMP_SET_MODE_STRICT || (value[0] == SECCOMP_SET_MODE_FILTER && value[2])))
        wind_down();
    changes_rights = rights_are_changed_by(number);
    if (changes_rights)
        rights_begin();
    result = next(number, value[0], value[1], value[2], value[3], value[4], value[5]);
    if (changes_rights)
        rights_end();
    return result;
}
