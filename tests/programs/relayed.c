/*
 * relayed [VARIABLE...]: says "ready PID PPID", the variables' values on a line, and then "got
 * SIGNAL VALUE" for each signal but SIGTSTP.  Ends with status 3 at SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    siginfo_t information;
    sigset_t set;

    sigfillset(&set);
    sigdelset(&set, SIGTSTP);
    sigprocmask(SIG_SETMASK, &set, NULL);
    printf("ready %d %d\n", (int)getpid(), (int)getppid());
    if (count > 1)
        fputs("variables", stdout);
    for (int i = 1; i < count; i++) {
        const char *value = getenv(arguments[i]);
        printf(" %s", value ? value : "-");
    }
    puts(count > 1 ? "" : "all");
    fflush(stdout);
    for (;;) {
        int signal = sigwaitinfo(&set, &information);
        if (signal < 0)
            continue;
        if (signal == SIGTERM)
            return 3;
        printf("got %d %d\n", signal,
               information.si_code == SI_QUEUE ? information.si_value.sival_int : 0);
        fflush(stdout);
    }
}
