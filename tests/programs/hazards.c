/*
 * What goes wrong inside other people's processes, one situation a row, which checks that
 * nothing of it was disturbed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(hazards_hot)

extern char **environ;

/* closefrom, then the numbers are used for files: nothing of ours may write to them. */
static int fd_theft(void)
{
    char name[] = "/tmp/hazards.XXXXXX";
    int files[32];
    int first = mkstemp(name);
    CHECK(first >= 0);
    unlink(name);
    close_range(3, ~0u, 0);
    for (int i = 0; i < 32; i++) {
        CHECK((files[i] = (int)syscall(SYS_memfd_create, "theft", 0)) == 3 + i);
        CHECK(write(files[i], "mine", 4) == 4);
    }
    hazards_hot(row_milliseconds);
    for (int i = 0; i < 32; i++) {
        struct stat status;
        CHECK(fstat(files[i], &status) == 0 && status.st_size == 4);
    }
    return 0;
}

/*
 * The same with pipes, by which libunwind asks whether memory is there: what they hold stays the
 * program's.
 */
#define PIPES 16
static int unwinder_pipes(void)
{
    int ends[PIPES][2];
    char held[8];

    close_range(3, ~0u, 0);
    for (int i = 0; i < PIPES; i++) {
        CHECK(pipe2(ends[i], O_NONBLOCK) == 0 && ends[i][0] == 3 + 2 * i);
        CHECK(write(ends[i][1], "mine", 4) == 4);
    }
    hazards_hot(row_milliseconds);
    for (int i = 0; i < PIPES; i++) {
        CHECK(read(ends[i][0], held, sizeof(held)) == 4 && memcmp(held, "mine", 4) == 0);
        CHECK(read(ends[i][0], held, sizeof(held)) == -1 && errno == EAGAIN);
    }
    return 0;
}

/* Every descriptor is taken: we need none. */
static int fd_limit(void)
{
    struct rlimit limit = {16, 16};
    int last = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < 32; i++) {
        int descriptor = open("/dev/null", O_RDONLY);
        last = descriptor > last ? descriptor : last;
    }
    CHECK(last == 15);
    hazards_hot(row_milliseconds);
    return 0;
}

static volatile sig_atomic_t got_signal, got_code;

static void note_signal(int number, siginfo_t *information, void *context)
{
    (void)context;
    got_signal = number;
    got_code = information->si_code;
}

/* The application uses our signal itself, and hears of those that others send. */
static int signal_owner(void)
{
    struct sigaction action = {.sa_sigaction = note_signal, .sa_flags = SA_SIGINFO}, present;
    CHECK(sigaction(SIGSTKFLT, NULL, &present) == 0 && present.sa_handler == SIG_DFL);
    CHECK(sigaction(SIGSTKFLT, &action, NULL) == 0);
    hazards_hot(row_milliseconds);
    CHECK(got_signal == 0);
    CHECK(raise(SIGSTKFLT) == 0 && got_signal == SIGSTKFLT && got_code == SI_TKILL);
    signal(SIGSTKFLT, SIG_IGN);
    hazards_hot(row_milliseconds);
    CHECK(raise(SIGSTKFLT) == 0);
    return 0;
}

/* And dies of it by default, as it should. */
static int signal_default(void)
{
    pid_t child = fork();
    int status;
    if (child == 0) {
        hazards_hot(50);
        raise(SIGSTKFLT);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSTKFLT);
    return 0;
}

/* The application's profiling timer goes on working. */
static int itimer(void)
{
    struct itimerval every = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_sigaction = note_signal, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGPROF, &action, NULL) == 0 && setitimer(ITIMER_PROF, &every, NULL) == 0);
    for (int i = 0; i < 100 && (i == 0 || got_signal == 0); i++)
        hazards_hot(row_milliseconds);
    CHECK(setitimer(ITIMER_PROF, &never, NULL) == 0 && got_signal == SIGPROF);
    return 0;
}

static sigjmp_buf back;
static volatile int jumps;

static void jump_out(int number)
{
    (void)number;
    jumps++;
    siglongjmp(back, 1);
}

/* Handlers that never return, by siglongjmp. */
static int re_entry(void)
{
    struct itimerval every = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
    int64_t end = work_clock_ms() + row_milliseconds;
    signal(SIGVTALRM, jump_out);
    setitimer(ITIMER_VIRTUAL, &every, NULL);
    sigsetjmp(back, 1);
    /* For longer where the kernel's clock ticks rarely. */
    while (work_clock_ms() < end || (jumps <= 5 && work_clock_ms() < end + 10000))
        hazards_hot(1000);
    setitimer(ITIMER_VIRTUAL, &never, NULL);
    CHECK(jumps > 5);
    return 0;
}

/* The application handles its own faults, on a small signal stack of its own. */
static sigjmp_buf after_fault;
static void *touched;

static void fault(int number, siginfo_t *information, void *context)
{
    (void)number;
    (void)context;
    touched = information->si_addr;
    siglongjmp(after_fault, 1);
}

static int own_segv(void)
{
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    char *guarded = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile int faults = 0;
    CHECK(guarded != MAP_FAILED && sigaction(SIGSEGV, &action, NULL) == 0);
    for (volatile int i = 0; i < 2000; i++) {
        if (sigsetjmp(after_fault, 1) == 0) {
            for (volatile int n = 0; n < 3000; n++)
                ;
            guarded[i] = 1;
        } else {
            CHECK(touched == guarded + i);
            faults++;
        }
    }
    CHECK(faults == 2000);
    return 0;
}

static int altstack(void)
{
    static char small[8192]; /* what a frame with AVX-512 state just about fits into */
    stack_t stack = {.ss_sp = small, .ss_size = sizeof(small)}, present;
    CHECK(sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE);
    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(sigaltstack(NULL, &present) == 0 && present.ss_sp == small);
    hazards_hot(row_milliseconds);
    stack.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&stack, &present) == 0 && present.ss_sp == small);
    hazards_hot(row_milliseconds);
    return 0;
}

static void *block_all_and_work(void *unused)
{
    sigset_t all, seen;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    hazards_hot(row_milliseconds);
    pthread_sigmask(SIG_BLOCK, NULL, &seen);
    return sigismember(&seen, SIGSTKFLT) && sigismember(&seen, SIGUSR1) ? unused : "unblocked";
}

static int blocked_mask(void)
{
    pthread_t thread;
    void *wrong = NULL;
    CHECK(pthread_create(&thread, NULL, block_all_and_work, NULL) == 0);
    pthread_join(thread, &wrong);
    CHECK(wrong == NULL);
    return 0;
}

/* System calls that are not restarted are not interrupted either. */
static int eintr(void)
{
    struct timespec moment = {0, 20000000};
    for (int i = 0; i < 10; i++) {
        hazards_hot(5);
        errno = 0;
        CHECK(poll(NULL, 0, 10) == 0 && errno == 0);
        CHECK(nanosleep(&moment, NULL) == 0);
    }
    return 0;
}

/* errno survives samples. */
static int errno_kept(void)
{
    int64_t end = work_clock_ms() + row_milliseconds;
    while (work_clock_ms() < end) {
        errno = 4242;
        for (volatile int i = 0; i < 20000; i++)
            ;
        CHECK(errno == 4242);
    }
    return 0;
}

/* A filter that kills for any system call but a few: we make none under it. */
static int seccomp(void)
{
    pid_t child = fork();
    int status;
    if (child == 0) {
        uint64_t sum = 0;
        hazards_hot(50);
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
            syscall(SYS_exit, 3);
        for (uint64_t n = 1; n < 500000; n++)
            sum += work_step(n);
        syscall(SYS_exit, sum == 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return 0;
}

/* A process that serves its own page faults: nobody else may make it do so. */
static int userfault(void)
{
    long descriptor = syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
    hazards_hot(row_milliseconds);
    if (descriptor >= 0)
        close((int)descriptor);
    return 0;
}

/* The same, where the descriptor comes from elsewhere: it is asked for its version. */
static int userfault_device(void)
{
    struct uffdio_api version = {.api = UFFD_API};
    int descriptor = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    ioctl(descriptor, UFFDIO_API, &version);
    hazards_hot(row_milliseconds);
    return 0;
}

/* A vfork child shares everything until it execs. */
static int vfork_spawn(void)
{
    char *arguments[] = {"true", NULL};
    for (int i = 0; i < 20; i++) {
        pid_t child;
        int status;
        hazards_hot(5);
        CHECK(posix_spawnp(&child, "true", NULL, NULL, arguments, environ) == 0);
        CHECK(waitpid(child, &status, 0) == child && status == 0);
        child = vfork();
        if (child == 0) {
            execvp("true", arguments);
            _exit(1);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    return 0;
}

/* A large process that forks under fast ticks still gets done. */
static int fork_storm(void)
{
    size_t size = 64u << 20;
    char *large = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(large != MAP_FAILED);
    memset(large, 1, size);
    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        int status;
        CHECK(child >= 0);
        if (child == 0)
            _exit((int)hazards_hot(5) == 12345);
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    return 0;
}

static void *fork_in_thread(void *unused)
{
    for (int i = 0; i < 8; i++) {
        pid_t child = fork();
        int status;
        if (child == 0) {
            hazards_hot(5);
            _exit(0);
        }
        if (waitpid(child, &status, 0) != child || status != 0)
            return "child";
        hazards_hot(3);
    }
    return unused;
}

/* Threads fork while others are being sampled: no lock is copied held. */
static int fork_child(void)
{
    pthread_t threads[4];
    void *wrong = NULL;
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, fork_in_thread, NULL) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &wrong);
        CHECK(wrong == NULL);
    }
    return 0;
}

static void *brief(void *unused)
{
    hazards_hot(1);
    return unused;
}

/* Thousands of short threads: signals never land after a thread's end. */
static int thread_exit(void)
{
    for (int i = 0; i < 150; i++) {
        pthread_t threads[4];
        for (int j = 0; j < 4; j++)
            CHECK(pthread_create(&threads[j], NULL, brief, NULL) == 0);
        for (int j = 0; j < 4; j++)
            pthread_join(threads[j], NULL);
    }
    return 0;
}

/* Code without symbols or unwind tables, made at run time and replaced under way. */
static int jit(void)
{
    /* mov $N, %ecx; loop: dec %ecx; jnz loop; ret -- twice, of different length */
    static const unsigned char code[2][16] = {
        {0xb9, 0xff, 0xff, 0x0f, 0, 0xff, 0xc9, 0x75, 0xfc, 0xc3},
        {0xb9, 0xff, 0xff, 0x0f, 0, 0x90, 0xff, 0xc9, 0x90, 0x75, 0xfb, 0xc3},
    };
    char *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 0; /* not allowed here */
    for (int i = 0; i < 300; i++) {
        void (*function)(void);
        memcpy(memory, code[i % 2], sizeof(code[0]));
        *(void **)&function = memory;
        function();
    }
    return 0;
}

/* The working directory and the file's name go away. */
static int chroot_(void)
{
    hazards_hot(row_milliseconds);
    if (geteuid() == 0)
        CHECK(chdir("/proc/self") == 0 && chroot("/proc/self/fdinfo") == 0);
    hazards_hot(row_milliseconds);
    return 0;
}

/* Deep recursion, and a stack that was switched by hand. */
static int deep(int depth)
{
    volatile char frame[200];
    frame[0] = (char)depth;
    return depth == 0 ? (int)hazards_hot(row_milliseconds) : deep(depth - 1) + frame[0];
}

static int deep_stack(void)
{
    deep(20000);
    return 0;
}

static const struct row rows[] = {
    {"fd-theft", fd_theft},
    {"unwinder-pipes", unwinder_pipes},
    {"fd-limit", fd_limit},
    {"signal-owner", signal_owner},
    {"signal-default", signal_default},
    {"itimer", itimer},
    {"re-entry", re_entry},
    {"own-segv", own_segv},
    {"altstack", altstack},
    {"blocked-mask", blocked_mask},
    {"eintr", eintr},
    {"errno", errno_kept},
    {"seccomp", seccomp},
    {"userfault", userfault},
    {"userfault-device", userfault_device},
    {"vfork", vfork_spawn},
    {"fork-storm", fork_storm},
    {"fork-child", fork_child},
    {"thread-exit", thread_exit},
    {"jit", jit},
    {"chroot", chroot_},
    {"deep-stack", deep_stack},
};

int main(int argc, char **argv)
{
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
