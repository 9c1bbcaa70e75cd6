#include "shim/outside/relay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void relay_begin(struct relay *relay)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t all;

    *relay = (struct relay){.parent = getpid()};
    /* Where it is ignored, nobody can wait for children. */
    sigaction(SIGCHLD, &action, &relay->child_before);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &relay->before);
}

/* --- in the child ------------------------------------------------------------------- */

/* A variable that says whom it is for: sd_listen_fds(3), sd_watchdog_enabled(3). */
static void variable_hand_over(const char *name, pid_t from)
{
    const char *value = getenv(name);
    char number[24];

    if (!value || strtol(value, NULL, 10) != from)
        return;
    snprintf(number, sizeof(number), "%d", (int)getpid());
    setenv(name, number, 1);
}

void relay_become_command(const struct relay *relay)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != relay->parent)
        _exit(128 + SIGKILL);
    variable_hand_over("LISTEN_PID", relay->parent);
    variable_hand_over("WATCHDOG_PID", relay->parent);
    unsetenv("LISTEN_PIDFDID"); /* of our process; it may be left out */
    sigaction(SIGCHLD, &relay->child_before, NULL);
    sigprocmask(SIG_SETMASK, &relay->before, NULL);
}

/* --- in the parent ------------------------------------------------------------------- */

static bool asks_to_stop(int signal)
{
    return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* A terminal sends these to each process of the foreground group: the program has its own. */
static bool came_to_the_group(const struct relay_signal *signal)
{
    switch (signal->number) {
    case SIGINT:
    case SIGQUIT:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGWINCH:
        return signal->code > 0;
    case SIGHUP: /* the end of the terminal is told to the session's leader, which the program is
                    not */
        return signal->code > 0 && getsid(0) != getpid();
    default:
        return false;
    }
}

static void pass_on(const struct relay *relay, const struct relay_signal *signal)
{
    siginfo_t queued;

    if (came_to_the_group(signal) || signal->sender == relay->parent ||
        signal->sender == relay->command)
        return;
    if (signal->code != SI_QUEUE) {
        kill(relay->command, signal->number);
        return;
    }
    memset(&queued, 0, sizeof(queued));
    queued.si_signo = signal->number;
    queued.si_code = SI_QUEUE;
    queued.si_pid = signal->sender;
    queued.si_value = signal->value;
    syscall(SYS_rt_sigqueueinfo, relay->command, signal->number, &queued);
}

/* Stops with the program, where that was meant for the whole job and it was not continued since. */
static void stop_with_it(struct relay *relay)
{
    sigset_t pending;

    sigpending(&pending);
    for (int signal = 1; signal < NSIG; signal++)
        if (asks_to_stop(signal) && sigismember(&pending, signal) == 1)
            relay->stops = true;
    if (relay->stops && sigismember(&pending, SIGCONT) != 1)
        raise(SIGSTOP);
    relay->stops = false;
}

/* Children that have ended or stopped, ours and those that came to us.  True: the program has
 * ended. */
static bool children_wait_for(struct relay *relay)
{
    struct rusage usage;
    int status;
    pid_t child;

    while ((child = wait4(-1, &status, WNOHANG | WUNTRACED, &usage)) > 0) {
        if (child != relay->command)
            continue;
        if (WIFSTOPPED(status)) {
            stop_with_it(relay);
            continue;
        }
        relay->status = status;
        relay->usage = usage;
        return true;
    }
    return child < 0 && errno == ECHILD; /* somebody else has waited for it */
}

bool relay_take(struct relay *relay, const struct relay_signal *signal)
{
    if (signal->number == SIGCHLD)
        return children_wait_for(relay);
    if (asks_to_stop(signal->number))
        relay->stops = true;
    else if (signal->number == SIGCONT)
        relay->stops = false;
    pass_on(relay, signal);
    return false;
}

void relay_run(struct relay *relay)
{
    bool ended = false;
    sigset_t all;

    sigfillset(&all);
    while (!ended) {
        siginfo_t information;
        struct relay_signal signal;
        if (sigwaitinfo(&all, &information) < 0)
            continue; /* stopped and continued */
        signal = (struct relay_signal){.number = information.si_signo,
                                       .code = information.si_code,
                                       .sender = information.si_pid,
                                       .value = information.si_value};
        if (signal.code > 0 && signal.number != SIGCHLD)
            signal.sender = 0; /* that field is something else, or the kernel's */
        ended = relay_take(relay, &signal);
    }
}

int relay_exit_status(const struct relay *relay)
{
    return WIFSIGNALED(relay->status) ? 128 + WTERMSIG(relay->status) : WEXITSTATUS(relay->status);
}
