/*
 * System calls that change what the core may do, and those made through syscall(2) that other files
 * stand in for.
 *
 * Some calls end the sampling, just before they are made.  Once a seccomp filter is in place, any
 * system call of ours might be fatal; so it is where the application handles those from outside a
 * range of its own (syscall user dispatch).  Who is traced by its parent stops at any signal, and
 * the parent may not expect one.  A question whether there are filters, with none at hand (NULL),
 * puts nothing in place.
 *
 * Once the application serves page faults itself (userfaultfd), a look at its memory might have to
 * wait for it: no look is taken any more.  rdtsc may be forbidden too.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "shim/preload/descriptors.h"
#include "shim/preload/preload.h"
#include "shim/preload/rights.h"
#include "shim/preload/signal_stacks.h"
#include "shim/preload/signals.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(UFFDIO, 0x00) /* of /dev/userfaultfd */
#endif

/* For good: no system call of ours comes after it. */
static void stand_aside(const char *why)
{
    const struct core_interface *core = preload_core();
    if (core && !preload_stands_aside()) {
        handlers_release();
        core->wind_down(why);
    }
    preload_stand_aside();
}

static void filter_begins(void)
{
    stand_aside("a system call filter is put in place");
}

/* Programs that it starts are looked at as ever. */
static void tracing_begins(void)
{
    const struct core_interface *core = preload_core();
    if (core && !preload_stands_aside())
        core->wind_down("its parent traces it (PTRACE_TRACEME), which stops it at each signal");
}

static void control_watch(unsigned long option, unsigned long first, unsigned long second)
{
    const struct core_interface *core = preload_core();

    if (option == PR_SET_TSC && first == PR_TSC_SIGSEGV && core)
        core->forbid_time_stamps();
    if (option == PR_SET_SECCOMP && (first != SECCOMP_MODE_FILTER || second))
        filter_begins();
    if (option == PR_SET_SYSCALL_USER_DISPATCH && first)
        stand_aside("it handles system calls itself (syscall user dispatch)");
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
    control_watch((unsigned long)option, value[0], value[1]);
    return next(option, value[0], value[1], value[2], value[3]);
}

PRELOAD_EXPORT long ptrace(enum __ptrace_request request, ...)
{
    static void *slot;
    long (*next)(enum __ptrace_request, ...);
    long value[3];
    va_list arguments;

    va_start(arguments, request);
    for (int i = 0; i < 3; i++)
        value[i] = va_arg(arguments, long);
    va_end(arguments);
    *(void **)&next = preload_next(&slot, "ptrace");
    if (request == PTRACE_TRACEME)
        tracing_begins();
    return next(request, value[0], value[1], value[2]);
}

static void faults_will_be_served(void)
{
    const struct core_interface *core = preload_core();
    if (core && !preload_stands_aside())
        core->avoid_memory();
}

/* A descriptor for page faults comes from a device too, and must be asked for its version first. */
PRELOAD_EXPORT int ioctl(int descriptor, unsigned long request, ...)
{
    static void *slot;
    int (*next)(int, unsigned long, ...);
    va_list arguments;
    long value;

    va_start(arguments, request);
    value = va_arg(arguments, long);
    va_end(arguments);
    *(void **)&next = preload_next(&slot, "ioctl");
    if (request == USERFAULTFD_IOC_NEW || request == UFFDIO_API)
        faults_will_be_served();
    return next(descriptor, request, value);
}

static void call_watch(long number, const long *value)
{
    descriptor_call_watch(number, value);
    if (number == SYS_userfaultfd)
        faults_will_be_served();
    if (number == SYS_prctl)
        control_watch((unsigned long)value[0], (unsigned long)value[1], (unsigned long)value[2]);
    if (number == SYS_seccomp &&
        (value[0] == SECCOMP_SET_MODE_STRICT || (value[0] == SECCOMP_SET_MODE_FILTER && value[2])))
        filter_begins();
    if (number == SYS_ptrace && value[0] == PTRACE_TRACEME)
        tracing_begins();
}

/* A call about signals, their stacks, or locked memory.  True: it was made here, and *result is
 * what it returned.
 */
static bool call_replace(long number, const long *value, long *result)
{
    if (number == SYS_sigaltstack)
        *result = sigaltstack((const stack_t *)value[0], (stack_t *)value[1]);
    else if (number == SYS_rt_sigaction && value[3] == 8 && signals_is_ours((int)value[0]))
        *result = signals_action_by_call((int)value[0], (const struct kernel_action *)value[1],
                                         (struct kernel_action *)value[2]);
    else if (number == SYS_mlockall)
        *result = mlockall((int)value[0]);
    else if (number == SYS_rt_sigprocmask && value[3] == 8)
        *result =
            signals_mask_by_call((int)value[0], (const uint64_t *)value[1], (uint64_t *)value[2]);
    else
        return false;
    return true;
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
    call_watch(number, value);
    if (call_replace(number, value, &result))
        return result;
    changes_rights = rights_are_changed_by(number);
    if (changes_rights)
        rights_begin();
    result = next(number, value[0], value[1], value[2], value[3], value[4], value[5]);
    if (changes_rights)
        rights_end();
    if (number == SYS_close)
        descriptor_close_end((int)value[0], (int)result);
    if (number == SYS_rt_sigaction && value[1] && result == 0)
        handler_forget((int)value[0]);
    return result;
}
