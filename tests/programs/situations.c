/*
 * More situations of other people's processes (hazards.c), one a row: faults that a program makes
 * and handles, signals that it waits for or queues, copies that libc does not see, and ends.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(situations_hot)

/* --- faults that the program handles: look-ahead must not make them ------------------------- */

static sigjmp_buf back;
static volatile int handled;

static void leave(int number)
{
    (void)number;
    handled++;
    siglongjmp(back, 1);
}

/* 0: each of the faults came once.  `fault` comes right after straight code, so that windows run
 * into it. */
static int faults_handled(int signal, void (*fault)(void))
{
    struct sigaction action = {.sa_handler = leave};
    volatile int made = 0;
    int64_t end = work_clock_ms() + row_milliseconds;

    handled = 0;
    CHECK(sigaction(signal, &action, NULL) == 0);
    while (work_clock_ms() < end || made < 10) {
        if (sigsetjmp(back, 1) == 0) {
            for (volatile int i = 0; i < 2000; i++)
                ;
            fault();
            return 1;
        }
        made++;
    }
    CHECK(handled == made);
    return 0;
}

static volatile int none;
static volatile double no_part;
static volatile long double no_long_part;
static volatile char *beyond; /* the end of a file that is mapped */

static void divide(void)
{
    none = 5 / none;
}

/* Division by zero and invalid operations fault, in the vector unit and in the older one. */
static void faults_wanted(void)
{
    const unsigned vectors = 0x1f80 & ~0x280u;
    const unsigned short older = 0x37f & ~0x5u;
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(vectors), "m"(older));
}

static void divide_vectors(void)
{
    faults_wanted();
    no_part = 5 / no_part;
}

static void divide_long(void)
{
    faults_wanted();
    no_long_part = 5 / no_long_part;
    __asm__ volatile("fwait");
}

static void not_an_instruction(void)
{
    __asm__ volatile("ud2");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void forbidden(void)
{
    __asm__ volatile("hlt");
}

static void no_address(void)
{
    *(volatile char *)UINT64_C(0x8000000000000000) = 1;
}

static void touch_beyond(void)
{
    *beyond = 1;
}

static int own_faults(void)
{
    int file = memfd_create("file", MFD_CLOEXEC);

    CHECK(faults_handled(SIGFPE, divide) == 0);
    CHECK(faults_handled(SIGFPE, divide_vectors) == 0);
    CHECK(faults_handled(SIGFPE, divide_long) == 0);
    CHECK(faults_handled(SIGILL, not_an_instruction) == 0);
    CHECK(faults_handled(SIGTRAP, breakpoint) == 0);
    CHECK(faults_handled(SIGSEGV, forbidden) == 0);
    CHECK(faults_handled(SIGSEGV, no_address) == 0);
    CHECK(file >= 0 && ftruncate(file, 8192) == 0);
    beyond = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(beyond != MAP_FAILED && ftruncate(file, 4096) == 0);
    beyond += 5000;
    return faults_handled(SIGBUS, touch_beyond);
}

/* --- switches of the CPU -----------------------------------------------------------------------
 */

static volatile long steps;

static void step(int number)
{
    (void)number;
    steps++;
}

/* A program that steps through itself. */
static int trap_flag(void)
{
    int64_t end = work_clock_ms() + row_milliseconds;

    signal(SIGTRAP, step);
    while (work_clock_ms() < end) {
        __asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
                         "pushfq\n\t"
                         "orl $0x100, (%%rsp)\n\t"
                         "popfq\n\t"
                         "nop\n\tnop\n\tnop\n\t"
                         "pushfq\n\t"
                         "andl $0xfffffeff, (%%rsp)\n\t"
                         "popfq\n\t"
                         "lea 128(%%rsp), %%rsp" ::
                             : "memory", "cc");
        situations_hot(1);
    }
    CHECK(steps > 0);
    return 0;
}

/* Memory is gone through from its end, also in our handler's time. */
static int direction(void)
{
    static char memory[4096];
    int64_t end = work_clock_ms() + row_milliseconds;

    for (int value = 0; work_clock_ms() < end; value++) {
        char *at = memory + sizeof(memory) - 1;
        size_t count = sizeof(memory);
        __asm__ volatile("std\n\t"
                         "rep stosb\n\t"
                         "mov $200000, %%ecx\n"
                         "1:\tdec %%ecx\n\t"
                         "jnz 1b\n\t"
                         "cld"
                         : "+D"(at), "+c"(count)
                         : "a"(value)
                         : "memory", "cc");
        CHECK(memory[0] == (char)value && memory[sizeof(memory) - 1] == (char)value);
    }
    return 0;
}

/* --- signals -------------------------------------------------------------------------------------
 */

/* Whoever waits for every signal hears of those alone that were sent. */
static int waits_for_all(void)
{
    struct timespec at_once = {0, 0};
    struct signalfd_siginfo read_information;
    siginfo_t information;
    int64_t end = work_clock_ms() + row_milliseconds;
    sigset_t all;
    int descriptor;

    sigfillset(&all);
    CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
    CHECK((descriptor = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC)) >= 0);
    while (work_clock_ms() < end) {
        CHECK(sigtimedwait(&all, &information, &at_once) == -1 && errno == EAGAIN);
        CHECK(read(descriptor, &read_information, sizeof(read_information)) == -1);
        situations_hot(1);
    }
    CHECK(kill(getpid(), SIGUSR1) == 0 && sigwaitinfo(&all, &information) == SIGUSR1);
    return 0;
}

#define QUEUED 50
static volatile int queue[QUEUED], queue_length;

static void take(int number, siginfo_t *information, void *context)
{
    (void)number;
    (void)context;
    if (queue_length < QUEUED)
        queue[queue_length++] = information->si_value.sival_int;
}

/* Real-time signals of the program's own are all there, in their order. */
static int rt_queue(void)
{
    struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    CHECK(sigaction(SIGRTMIN, &action, NULL) == 0 && sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    for (int i = 0; i < QUEUED; i++)
        CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}) == 0);
    situations_hot(row_milliseconds);
    CHECK(queue_length == 0 && sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
    CHECK(queue_length == QUEUED);
    for (int i = 0; i < QUEUED; i++)
        CHECK(queue[i] == i);
    return 0;
}

/* The signal that samples come by, sent by others while it is blocked, waits as any other does. */
static int sent_while_blocked(void)
{
    const struct timespec at_once = {0, 0};
    struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
    struct signalfd_siginfo read_information;
    siginfo_t information;
    sigset_t set, none, pending;
    int descriptor, status;
    pid_t child;

    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGSTKFLT);
    situations_hot(row_milliseconds);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && kill(getpid(), SIGSTKFLT) == 0);
    situations_hot(5);
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGSTKFLT));
    child = fork();
    if (child == 0)
        _exit(sigpending(&pending) == 0 && sigismember(&pending, SIGSTKFLT));
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(sigtimedwait(&set, &information, &at_once) == SIGSTKFLT);
    CHECK(information.si_code == SI_USER && information.si_pid == getpid());

    CHECK((descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) >= 0);
    CHECK(raise(SIGSTKFLT) == 0);
    CHECK(read(descriptor, &read_information, sizeof(read_information)) > 0);
    CHECK(read(descriptor, &read_information, sizeof(read_information)) == -1);

    CHECK(sigaction(SIGSTKFLT, &action, NULL) == 0);
    CHECK(sigqueue(getpid(), SIGSTKFLT, (union sigval){.sival_int = 7}) == 0 && queue_length == 0);
    CHECK(sigsuspend(&none) == -1 && queue_length == 1 && queue[0] == 7);
    CHECK(raise(SIGSTKFLT) == 0 && queue_length == 1);
    CHECK(ppoll(NULL, 0, NULL, &none) == -1 && errno == EINTR && queue_length == 2);
    CHECK(raise(SIGSTKFLT) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0 && queue_length == 3);
    CHECK(raise(SIGSTKFLT) == 0 && queue_length == 4);
    CHECK(signal(SIGSTKFLT, SIG_IGN) != SIG_ERR && raise(SIGSTKFLT) == 0 && queue_length == 4);
    return 0;
}

/* --- copies, and ends
 * ------------------------------------------------------------------------------ */

static char clone_stack[1 << 16] __attribute__((aligned(16)));

static int clone_run(void *done)
{
    for (volatile long i = 0; i < 10000000; i++)
        ;
    __atomic_store_n((int *)done, 1, __ATOMIC_SEQ_CST);
    return 0;
}

/* A thread without a thread block of its own, a child that shares memory, one past libc's fork. */
static int raw_clone(void)
{
    const int thread =
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    volatile int done = 0;
    pid_t child;
    int status;

    CHECK(clone(clone_run, clone_stack + sizeof(clone_stack), thread, (void *)&done) > 0);
    while (!done)
        situations_hot(5);
    done = 0;
    child = clone(clone_run, clone_stack + sizeof(clone_stack), CLONE_VM | SIGCHLD, (void *)&done);
    situations_hot(row_milliseconds);
    CHECK(waitpid(child, &status, 0) == child && status == 0 && done);
    child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) {
        for (volatile long i = 0; i < 10000000; i++)
            ;
        exit(0);
    }
    situations_hot(row_milliseconds);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    return 0;
}

/* What was sampled a moment ago becomes another program, which has no handler of ours. */
static int exec_(void)
{
    char *arguments[] = {"true", NULL}, *environment[] = {NULL};

    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        int status;
        if (child == 0) {
            situations_hot(3);
            execve("/bin/true", arguments, environment);
            _exit(1);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    situations_hot(row_milliseconds);
    return 0;
}

static volatile bool finished;

static void *work_on(void *unused)
{
    while (!finished)
        situations_hot(1);
    return unused;
}

/* Sampling is stopped for good while threads have samples under way. */
static int stop_race(void)
{
    static const char *const names[] = {"pgoshim_pause", "pgoshim_resume", "pgoshim_stop"};
    void (*functions[3])(void);
    pthread_t threads[3];

    for (int i = 0; i < 3; i++) {
        *(void **)&functions[i] = dlsym(RTLD_DEFAULT, names[i]);
        CHECK(pthread_create(&threads[i], NULL, work_on, NULL) == 0);
    }
    for (int i = 0; i < 20; i++) {
        situations_hot(row_milliseconds / 20);
        if (functions[0] && functions[1]) {
            functions[0]();
            situations_hot(1);
            functions[1]();
        }
    }
    if (functions[2])
        functions[2]();
    situations_hot(20);
    finished = true;
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    return 0;
}

/* All threads block every signal, and one of them waits for it. */
static void *wait_for_any(void *unused)
{
    siginfo_t information;
    sigset_t all;

    (void)unused;
    sigfillset(&all);
    return sigwaitinfo(&all, &information) == SIGSTKFLT ? NULL : &back;
}

static int sent_to_threads(void)
{
    pthread_t working[3], waiting;
    void *failed;
    sigset_t all;

    sigfillset(&all);
    CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&working[i], NULL, work_on, NULL) == 0);
    situations_hot(row_milliseconds);
    CHECK(kill(getpid(), SIGSTKFLT) == 0);
    situations_hot(5);
    CHECK(pthread_create(&waiting, NULL, wait_for_any, NULL) == 0);
    CHECK(pthread_join(waiting, &failed) == 0 && !failed);
    finished = true;
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(working[i], NULL) == 0);
    return 0;
}

/* Threads that are cancelled wherever they are, beside their samples. */
static int cleaned;

static void clean(void *unused)
{
    (void)unused;
    __atomic_fetch_add(&cleaned, 1, __ATOMIC_SEQ_CST);
}

static void *work_until_cancelled(void *started)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    pthread_cleanup_push(clean, NULL);
    __atomic_store_n((bool *)started, true, __ATOMIC_SEQ_CST);
    for (volatile long i = 0;; i++)
        ;
    pthread_cleanup_pop(0);
    return NULL;
}

static int cancelled(void)
{
    for (int i = 0; i < 20; i++) {
        bool started = false;
        pthread_t thread;
        void *result;
        CHECK(pthread_create(&thread, NULL, work_until_cancelled, &started) == 0);
        while (!__atomic_load_n(&started, __ATOMIC_SEQ_CST))
            sched_yield();
        situations_hot(row_milliseconds / 20);
        CHECK(pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0);
        CHECK(result == PTHREAD_CANCELED && cleaned == i + 1);
    }
    return 0;
}

/* Ends of a process while its other threads are sampled; each begins in a child. */
static void end_by_exit(void)
{
    exit(3);
}

static void end_quickly(void)
{
    quick_exit(3);
}

static void end_by_call(void)
{
    syscall(SYS_exit_group, 3);
}

static void end_by_abort(void)
{
    abort();
}

static void end_by_exec(void)
{
    execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
}

static void *exit_in_thread(void *unused)
{
    (void)unused;
    exit(3);
}

static void end_by_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, exit_in_thread, NULL);
    pthread_exit(NULL);
}

static int ends(void)
{
    static void (*const kinds[])(void) = {end_by_exit,  end_quickly, end_by_call,
                                          end_by_abort, end_by_exec, end_by_thread};

    situations_hot(row_milliseconds);
    fflush(stdout);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        pid_t child = fork();
        int status;
        if (child == 0) {
            pthread_t threads[2];
            for (int k = 0; k < 2; k++)
                pthread_create(&threads[k], NULL, work_on, NULL);
            situations_hot(5);
            kinds[i]();
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(kinds[i] == end_by_abort ? WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT
                                       : WIFEXITED(status) && WEXITSTATUS(status) == 3);
    }
    return 0;
}

static const struct row rows[] = {
    {"own-faults", own_faults},
    {"trap-flag", trap_flag},
    {"direction", direction},
    {"waits-for-all", waits_for_all},
    {"rt-queue", rt_queue},
    {"sent-while-blocked", sent_while_blocked},
    {"sent-to-threads", sent_to_threads},
    {"raw-clone", raw_clone},
    {"exec", exec_},
    {"stop-race", stop_race},
    {"cancelled", cancelled},
    {"ends", ends},
};

int main(int argc, char **argv)
{
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
