#include "shim/core/ground/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

/* Below the 64 that every table of descriptors has: a larger table is waited for by threads. */
#define FIRST_NUMBER 48

#define FORBIDDEN 0x80000000u
#define WAIT_NS 100000 /* each wait for others, */
#define WAITS 20000    /* and their number */

static uint32_t moments; /* those that have begun and not ended, and FORBIDDEN */
static uint32_t forks;   /* under way */

long descriptor_move_away(long descriptor, bool (*is_ours)(long descriptor))
{
    long moved;

    if (descriptor < 0 || descriptor >= FIRST_NUMBER)
        return descriptor;
    moved = system_call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, FIRST_NUMBER);
    if (moved < 0)
        return moved == -EBADF ? moved : descriptor;
    if (is_ours && !is_ours(moved)) {
        system_call(SYS_close, moved);
        return -EBADF;
    }
    system_call(SYS_close, descriptor);
    return moved;
}

/*
 * A handler of the application that ran in a moment of its own thread, and closed descriptors
 * there, would wait for itself: so it does not run.
 */
bool descriptors_begin(kernel_sigset *mask)
{
    const kernel_sigset all = ~UINT64_C(0);

    system_sigprocmask(SIG_SETMASK, &all, mask);
    if (!(__atomic_fetch_add(&moments, 1, __ATOMIC_SEQ_CST) & FORBIDDEN) &&
        !__atomic_load_n(&forks, __ATOMIC_SEQ_CST))
        return true;
    descriptors_end(mask);
    return false;
}

void descriptors_end(const kernel_sigset *mask)
{
    __atomic_fetch_sub(&moments, 1, __ATOMIC_SEQ_CST);
    system_sigprocmask(SIG_SETMASK, mask, NULL);
}

bool descriptors_in_use(void)
{
    return (__atomic_load_n(&moments, __ATOMIC_SEQ_CST) & ~FORBIDDEN) != 0;
}

static void moments_await(void)
{
    struct timespec pause = {.tv_nsec = WAIT_NS};

    for (int i = 0; i < WAITS && descriptors_in_use(); i++)
        system_call(SYS_nanosleep, &pause, NULL);
}

void descriptors_forbid(void)
{
    __atomic_fetch_or(&moments, FORBIDDEN, __ATOMIC_SEQ_CST);
    moments_await();
}

bool descriptors_are_forbidden(void)
{
    return (__atomic_load_n(&moments, __ATOMIC_RELAXED) & FORBIDDEN) != 0;
}

void descriptors_fork_begin(void)
{
    __atomic_fetch_add(&forks, 1, __ATOMIC_SEQ_CST);
    moments_await();
}

void descriptors_fork_end_parent(void)
{
    __atomic_fetch_sub(&forks, 1, __ATOMIC_SEQ_CST);
}

void descriptors_fork_end_child(void)
{
    __atomic_store_n(&forks, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&moments, 0, __ATOMIC_SEQ_CST);
}

void descriptors_await_forks(void)
{
    struct timespec pause = {.tv_nsec = WAIT_NS};

    for (int i = 0; i < WAITS && __atomic_load_n(&forks, __ATOMIC_SEQ_CST); i++)
        system_call(SYS_nanosleep, &pause, NULL);
}
