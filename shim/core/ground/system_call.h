/*
 * System calls made directly, for code that runs in a signal handler or below
 * the application's own interposers: no errno, no cancellation point, no
 * library function that somebody may have replaced.  Every function returns
 * what the kernel does: a negative errno value on failure.
 *
 * Signal-safe throughout (shim/SIGNALS.md, rule 3).
 */
#ifndef SHIM_CORE_GROUND_SYSTEM_CALL_H
#define SHIM_CORE_GROUND_SYSTEM_CALL_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>

#include "shim/core/ground/cpu_state.h"

#ifdef __clang_analyzer__
/* It does not know that the kernel writes through pointers. */
long system_call6(long number, long a, long b, long c, long d, long e, long f);
#else
static inline long system_call6(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#endif

#define SYSTEM_CALL_PICK(_1, _2, _3, _4, _5, _6, _7, pick, ...) pick
#define SYSTEM_CALL_1(n) system_call6(n, 0, 0, 0, 0, 0, 0)
#define SYSTEM_CALL_2(n, a) system_call6(n, (long)(a), 0, 0, 0, 0, 0)
#define SYSTEM_CALL_3(n, a, b) system_call6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYSTEM_CALL_4(n, a, b, c) system_call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYSTEM_CALL_5(n, a, b, c, d)                                                               \
    system_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYSTEM_CALL_6(n, a, b, c, d, e)                                                            \
    system_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYSTEM_CALL_7(n, a, b, c, d, e, f)                                                         \
    system_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* system_call(SYS_name, up to six arguments) */
#define system_call(...)                                                                           \
    SYSTEM_CALL_PICK(__VA_ARGS__, SYSTEM_CALL_7, SYSTEM_CALL_6, SYSTEM_CALL_5, SYSTEM_CALL_4,      \
                     SYSTEM_CALL_3, SYSTEM_CALL_2, SYSTEM_CALL_1, )                                \
    (__VA_ARGS__)

/* The kernel's own signal set: one bit a signal, 64 of them. */
typedef uint64_t kernel_sigset;
#define KERNEL_SIGSET_BIT(signal) (UINT64_C(1) << ((signal) - 1))

static inline long system_sigprocmask(int how, const kernel_sigset *set, kernel_sigset *old)
{
    return system_call(SYS_rt_sigprocmask, how, set, old, sizeof(kernel_sigset));
}

static inline pid_t system_thread_id(void)
{
    return (pid_t)system_call(SYS_gettid);
}

static inline void system_unmap(void *memory, size_t length)
{
    system_call(SYS_munmap, memory, length);
}

/* Nanoseconds of a clock; through the vdso where it serves the clock and may. */
static inline uint64_t system_clock(clockid_t clock)
{
    struct timespec now = {0, 0};
    if (cpu_time_stamps_forbidden())
        system_call(SYS_clock_gettime, clock, &now);
    else
        clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
