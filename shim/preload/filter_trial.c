#include "shim/preload/filter_trial.h"

#include <asm/prctl.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "shim/core/ground/kernel_signal.h"
#include "shim/core/ground/perf_event.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"

/* The number that follows the field's name; -1: there is no such field. */
static long number_of(const char *status, const char *field)
{
    const char *line = strstr(status, field);

    if (!line)
        return -1;
    line += strlen(field);
    return (long)text_number(line + strspn(line, " \t"), &line);
}

long filters_count(const char *status)
{
    long mode = number_of(status, "\nSeccomp:"), count = number_of(status, "\nSeccomp_filters:");

    if (mode < 0)
        mode = system_call(SYS_prctl, PR_GET_SECCOMP);
    return mode <= 0 ? 0 : count > 0 ? count : 1;
}

/* --- what the child does ------------------------------------------------------------ */

/* Shared with the child: what it is about to do. */
struct trial {
    const char *volatile call;
    volatile bool may_say;  /* the calls that say a reason are not fatal */
    volatile bool may_wait; /* nor is wait4 */
    volatile bool passed;   /* nor any other */
};

/* Arguments that change nothing, and look to a filter like those of the call that is meant. */
#define TRY(trial, name, ...) ((trial)->call = #name, system_call(SYS_##name, __VA_ARGS__))

/* It has no child. */
static void wait_try(struct trial *trial)
{
    int status;

    TRY(trial, wait4, -1, &status, WNOHANG | __WALL, NULL);
    trial->may_wait = true;
}

static void notes_try(struct trial *trial)
{
    struct stat status;
    char text[16];

    TRY(trial, getpid, 0);
    TRY(trial, geteuid, 0);
    TRY(trial, getegid, 0);
    TRY(trial, readlink, "", text, sizeof(text));
    TRY(trial, openat, AT_FDCWD, "", O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    TRY(trial, fstat, -1, &status);
    TRY(trial, write, -1, text, 0);
    TRY(trial, close, -1);
    trial->may_say = true;
}

static void files_try(struct trial *trial)
{
    struct stat status;
    struct utsname name;
    char text[16];

    TRY(trial, openat, AT_FDCWD, "", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    TRY(trial, openat, AT_FDCWD, "", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_DIRECTORY);
    TRY(trial, fcntl, -1, F_DUPFD_CLOEXEC, 0);
    TRY(trial, faccessat, AT_FDCWD, "", R_OK);
    TRY(trial, newfstatat, AT_FDCWD, "", &status, 0);
    TRY(trial, getxattr, "", "", text, sizeof(text));
    TRY(trial, read, -1, text, 0);
    TRY(trial, pread64, -1, text, 0, 0);
    TRY(trial, lseek, -1, 0, 0);
    TRY(trial, getdents64, -1, text, 0);
    TRY(trial, fstatfs, -1, NULL);
    TRY(trial, ioctl, -1, FS_IOC_GETFLAGS, NULL);
    TRY(trial, ioctl, -1, FS_IOC_SETFLAGS, NULL);
    TRY(trial, fallocate, -1, 0, 0, 1);
    TRY(trial, ftruncate, -1, 0);
    TRY(trial, mmap, 0, PERF_EVENT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE,
        -1, 0);
    TRY(trial, link, "", "");
    TRY(trial, unlink, "");
    TRY(trial, getcwd, text, 0);
    TRY(trial, pipe2, NULL, O_CLOEXEC | O_NONBLOCK); /* libunwind, as it begins */
    TRY(trial, uname, &name);
}

static void memory_try(struct trial *trial)
{
    char here = 0, copy;
    struct iovec local = {&copy, 1}, remote = {&here, 1};
    long process = TRY(trial, getpid, 0), base;
    long page = TRY(trial, mmap, 0, PERF_EVENT_PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    TRY(trial, mmap, 0, 0, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TRY(trial, mremap, page, 0, 0, MREMAP_MAYMOVE | MREMAP_FIXED, page);
    TRY(trial, mprotect, page, PERF_EVENT_PAGE, PROT_READ | PROT_WRITE);
    TRY(trial, mprotect, page, PERF_EVENT_PAGE, PROT_NONE);
    TRY(trial, munmap, page, PERF_EVENT_PAGE);
    TRY(trial, madvise, 0, 0, MADV_POPULATE_WRITE);
    TRY(trial, mincore, page, 0, NULL);
    TRY(trial, brk, 0);
    TRY(trial, process_vm_readv, process, &local, 1, &remote, 1, 0);
    TRY(trial, unshare, CLONE_VM);
    TRY(trial, arch_prctl, ARCH_GET_FS, &base);
    TRY(trial, arch_prctl, ARCH_GET_CPUID, 0);
}

static void clocks_try(struct trial *trial)
{
    struct perf_event_attr event = perf_event_of(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);
    struct perf_event_mmap_page *page;
    struct itimerspec never = {0};
    struct timespec time = {0, 0};
    struct rusage usage;
    uid_t users[3];
    struct f_owner_ex owner = {F_OWNER_TID, 0};
    int descriptor, timer = -1;

    event.disabled = 1;
    event.sample_period = 1000000;
    trial->call = "perf_event_open";
    descriptor = perf_event_open(&event, 0, -1, PERF_EVENT_PAGE, &page);
    TRY(trial, fcntl, descriptor, F_SETOWN_EX, &owner);
    TRY(trial, fcntl, descriptor, F_SETSIG, SIGSTKFLT);
    TRY(trial, fcntl, descriptor, F_SETFL, O_NONBLOCK);
    TRY(trial, ioctl, descriptor, PERF_EVENT_IOC_DISABLE, 0);
    TRY(trial, timer_create, CLOCK_THREAD_CPUTIME_ID, NULL, &timer);
    TRY(trial, timer_settime, timer, 0, &never, NULL);
    TRY(trial, timer_delete, timer);
    TRY(trial, clock_gettime, CLOCK_MONOTONIC, &time);
    TRY(trial, clock_getres, CLOCK_MONOTONIC_COARSE, &time);
    time = (struct timespec){0, 0};
    TRY(trial, nanosleep, &time, NULL);
    TRY(trial, getrusage, RUSAGE_THREAD, &usage);
    TRY(trial, getresuid, &users[0], &users[1], &users[2]);
    TRY(trial, sched_getaffinity, 0, 0, NULL);
    TRY(trial, getrandom, &time, 0, 0);
}

static void signal_ignore(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    (void)context;
}

static void signals_try(struct trial *trial)
{
    kernel_sigset ours = KERNEL_SIGSET_BIT(SIGSTKFLT);
    struct timespec at_once = {0, 0};
    siginfo_t information;
    stack_t stack;
    long process = TRY(trial, getpid, 0), thread = TRY(trial, gettid, 0);

    TRY(trial, sigaltstack, NULL, &stack);
    TRY(trial, rt_sigprocmask, SIG_BLOCK, &ours, NULL, sizeof(ours));
    TRY(trial, rt_sigtimedwait, &ours, &information, &at_once, sizeof(ours));
    TRY(trial, rt_sigprocmask, SIG_UNBLOCK, &ours, NULL, sizeof(ours));
    trial->call = "rt_sigaction";
    if (!kernel_signal_install(SIGSTKFLT, signal_ignore))
        return;
    TRY(trial, tgkill, process, thread, 0);
    trial->call = "rt_sigreturn";
    system_call(SYS_tgkill, process, thread, SIGSTKFLT);
}

static void child_run(struct trial *trial)
{
    struct rlimit none = {0, 0}; /* no core file of a child that dies */

    TRY(trial, prlimit64, 0, RLIMIT_CORE, &none, NULL);
    notes_try(trial);
    wait_try(trial);
    files_try(trial);
    memory_try(trial);
    clocks_try(trial);
    signals_try(trial);
    trial->passed = true;
    for (;;)
        system_call(SYS_exit_group, 0);
}

/*
 * Its parent stands still until the child has ended (CLONE_VFORK), so that it need not ask.  Where
 * wait4 is fatal, what is left of the child stays as long as the process does, which cannot wait
 * for any child itself; it has no signal at its end, so that no plain wait would see it.
 */
static bool child_try(struct trial *trial)
{
    long child = system_call(SYS_clone, CLONE_VFORK, 0, 0, 0, 0), result;
    int status;

    if (child == 0)
        child_run(trial);
    if (child < 0)
        return false;
    do
        result = trial->may_wait ? system_call(SYS_wait4, child, &status, __WALL, NULL) : 0;
    while (result == -EINTR);
    return true;
}

bool filter_trial(char *why, size_t size)
{
    struct trial *trial = NULL;
    long memory = system_call(SYS_mmap, 0, sizeof(*trial), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool passed, may_say = false;

    text_print(why, size, "it runs under a system call filter, which cannot be tried");
    if (memory < 0 && memory > -4096)
        return false;
    trial = (struct trial *)memory;
    if (child_try(trial) && !trial->passed)
        text_print(why, size, "it runs under a system call filter, to which %s is fatal",
                   trial->call ? trial->call : "a system call");
    passed = trial->passed;
    may_say = trial->may_say;
    system_unmap(trial, sizeof(*trial));
    if (!may_say)
        why[0] = '\0';
    return passed;
}
