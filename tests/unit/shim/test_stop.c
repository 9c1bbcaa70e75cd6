/* What a stop for a look ahead leaves no trace of: a thread that waits goes on waiting. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/outside/stop.h"

#define STOPS 5
#define WAIT_MILLISECONDS 150 /* of calls with a time limit; they are stopped meanwhile */

/* Each waits until something comes that never does, or its time is over.  errno's value. */
static int result_of(long result)
{
    return result < 0 ? errno : 0;
}

static int wait_epoll(void)
{
    struct epoll_event event;
    return result_of(epoll_wait(epoll_create1(0), &event, 1, WAIT_MILLISECONDS));
}

static int wait_poll(void)
{
    return result_of(poll(NULL, 0, WAIT_MILLISECONDS));
}

static int wait_select(void)
{
    struct timeval limit = {0, WAIT_MILLISECONDS * 1000};
    return result_of(select(0, NULL, NULL, NULL, &limit));
}

static int wait_nanosleep(void)
{
    struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
    return result_of(nanosleep(&limit, NULL));
}

static int wait_futex(void)
{
    struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
    uint32_t word = 0;
    int error = result_of(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &limit, NULL, 0));
    return error == ETIMEDOUT ? 0 : error;
}

static int wait_semaphore(void)
{
    struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
    struct sembuf down = {0, -1, 0};
    int set = semget(IPC_PRIVATE, 1, 0600), error = result_of(semtimedop(set, &down, 1, &limit));
    semctl(set, 0, IPC_RMID);
    return error == EAGAIN ? 0 : error;
}

static int wait_signal(void)
{
    struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
    sigset_t set;
    int error;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    error = result_of(sigtimedwait(&set, NULL, &limit));
    return error == EAGAIN ? 0 : error;
}

/* A socket with a time limit, which makes its calls say EINTR. */
static int limited_socket(void)
{
    struct timeval limit = {0, WAIT_MILLISECONDS * 1000};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
        abort();
    return listener;
}

static int wait_accept(void)
{
    int error = result_of(accept(limited_socket(), NULL, NULL));
    return error == EAGAIN ? 0 : error;
}

static int wait_read(void)
{
    struct timeval limit = {0, WAIT_MILLISECONDS * 1000};
    int ends[2], error;
    char byte;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        abort();
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    error = result_of(read(ends[0], &byte, 1));
    return error == EAGAIN ? 0 : error;
}

/* Those without a time limit are ended by a child. */
static void say_later(int descriptor)
{
    struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
    if (fork() != 0)
        return;
    nanosleep(&limit, NULL);
    _exit(write(descriptor, "", 1) != 1);
}

static int wait_pipe(void)
{
    int ends[2];
    char byte;
    if (pipe(ends))
        abort();
    say_later(ends[1]);
    return result_of(read(ends[0], &byte, 1));
}

static int wait_message(void)
{
    struct {
        long type;
        char text[8];
    } message = {1, ""};
    int queue = msgget(IPC_PRIVATE, 0600), error;
    if (fork() == 0) {
        struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
        nanosleep(&limit, NULL);
        _exit(msgsnd(queue, &message, 1, 0) != 0);
    }
    error = result_of(msgrcv(queue, &message, sizeof(message.text), 0, 0));
    msgctl(queue, IPC_RMID, NULL);
    return error;
}

static int wait_child(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct timespec limit = {0, WAIT_MILLISECONDS * 1000000};
        nanosleep(&limit, NULL);
        _exit(0);
    }
    return result_of(waitpid(child, &status, 0));
}

static bool sleeps(pid_t process)
{
    char path[64], line[512] = "";
    FILE *stream;
    const char *state;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
    stream = fopen(path, "r");
    if (stream && !fgets(line, sizeof(line), stream))
        line[0] = '\0';
    if (stream)
        fclose(stream);
    state = strrchr(line, ')');
    return state && state[2] == 'S';
}

static void pause_milliseconds(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

static void nobody_hears_of_a_stop(const char *name, int (*wait)(void))
{
    struct stopped *stopped = malloc(sizeof(*stopped));
    pid_t child = fork();
    int status;

    assert_non_null(stopped);
    if (child == 0)
        _exit(wait());
    for (int i = 0; i < 200 && !sleeps(child); i++)
        pause_milliseconds(1);
    for (int i = 0; i < STOPS; i++) {
        /* On a busy machine its wait may be over by now. */
        if (stop_thread(child, true, stopped))
            stop_end(child);
        pause_milliseconds(5);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s: %s", name, strerror(WEXITSTATUS(status)));
    free(stopped);
}

static void waiting_threads_do_not_hear_of_a_stop(void **state)
{
    static const struct {
        const char *name;
        int (*wait)(void);
    } calls[] = {
        {"epoll_wait", wait_epoll},    {"poll", wait_poll},      {"select", wait_select},
        {"nanosleep", wait_nanosleep}, {"futex", wait_futex},    {"semtimedop", wait_semaphore},
        {"sigtimedwait", wait_signal}, {"accept", wait_accept},  {"read of a socket", wait_read},
        {"read of a pipe", wait_pipe}, {"msgrcv", wait_message}, {"waitpid", wait_child},
    };

    (void)state;
    if (!stop_allowed())
        skip();
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        nobody_hears_of_a_stop(calls[i].name, calls[i].wait);
}

static volatile sig_atomic_t handled;

static void handle(int signal)
{
    (void)signal;
    handled = 1;
}

static int wait_for_handler(void)
{
    struct sigaction action = {.sa_handler = handle};
    struct epoll_event event;
    int error;

    sigaction(SIGUSR1, &action, NULL);
    error = result_of(epoll_wait(epoll_create1(0), &event, 1, 5000));
    return error == EINTR && handled ? 0 : 1;
}

/* What a signal interrupts, it interrupts still. */
static void signals_interrupt_as_ever(void **state)
{
    struct stopped *stopped = malloc(sizeof(*stopped));
    pid_t child;
    int status;

    (void)state;
    assert_non_null(stopped);
    if (!stop_allowed())
        skip();
    child = fork();
    if (child == 0)
        _exit(wait_for_handler());
    for (int i = 0; i < 200 && !sleeps(child); i++)
        pause_milliseconds(1);
    if (stop_thread(child, true, stopped))
        stop_end(child);
    kill(child, SIGUSR1);
    if (stop_thread(child, true, stopped))
        stop_end(child);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    free(stopped);
}

/* A thread that computes is held, and its registers are what it goes on with. */
static void running_threads_are_held(void **state)
{
    struct stopped *stopped = malloc(sizeof(*stopped));
    bool held = false;
    pid_t child;

    (void)state;
    assert_non_null(stopped);
    if (!stop_allowed())
        skip();
    child = fork();
    if (child == 0)
        for (;;)
            __asm__ volatile("");
    for (int i = 0; i < 200 && !held; i++) { /* it may not have begun yet */
        pause_milliseconds(5);
        held = stop_thread(child, true, stopped);
    }
    assert_true(held);
    assert_int_not_equal(stopped->context.uc_mcontext.gregs[REG_RIP], 0);
    stop_end(child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    free(stopped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_threads_do_not_hear_of_a_stop),
        cmocka_unit_test(signals_interrupt_as_ever),
        cmocka_unit_test(running_threads_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
