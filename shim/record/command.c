#include "shim/record/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/record/say.h"

static void child_become(const struct command *command, int go_ahead, const char *program,
                         char **arguments, const struct relay *relay)
{
    char go;

    if (read(go_ahead, &go, 1) != 1)
        _exit(RECORD_STATUS_ENVIRONMENT);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && write(command->executed, "", 1) != 1)
        _exit(RECORD_STATUS_ENVIRONMENT);
    relay_become_command(relay);
    execv(program, arguments);
    record_say("%s was not started: %s", program, strerror(errno));
    _exit(RECORD_STATUS_ENVIRONMENT);
}

bool command_fork(struct command *command, const char *program, char **arguments,
                  const struct relay *relay)
{
    int go_ahead[2], executed[2];

    if (pipe2(go_ahead, O_CLOEXEC) != 0)
        return false;
    if (pipe2(executed, O_CLOEXEC) != 0) {
        close(go_ahead[0]);
        close(go_ahead[1]);
        return false;
    }
    command->process = fork();
    if (command->process == 0) {
        close(go_ahead[1]);
        command->executed = executed[1];
        child_become(command, go_ahead[0], program, arguments, relay);
    }
    close(go_ahead[0]);
    close(executed[1]);
    command->go_ahead = go_ahead[1];
    command->executed = executed[0];
    if (command->process > 0)
        return true;
    command_give_up(command);
    return false;
}

void command_give_up(struct command *command)
{
    close(command->go_ahead);
    close(command->executed);
}

/* Until it stops at its first instruction; signals on the way are given to it. */
static bool held_wait(pid_t process)
{
    siginfo_t information = {0};

    while (waitid(P_PID, (id_t)process, &information, WSTOPPED | WEXITED | WNOWAIT) == 0) {
        if (information.si_code != CLD_TRAPPED)
            return false;
        if (information.si_status == SIGTRAP)
            return true;
        ptrace(PTRACE_CONT, process, NULL, (void *)(uintptr_t)information.si_status);
    }
    return false;
}

bool command_execute(struct command *command)
{
    char held;
    bool is_held = false;

    if (write(command->go_ahead, "", 1) == 1) {
        ssize_t length;
        do
            length = read(command->executed, &held, 1);
        while (length < 0 && errno == EINTR);
        is_held = length == 1 && held_wait(command->process);
    }
    command_give_up(command);
    return is_held;
}

void command_release(const struct command *command)
{
    ptrace(PTRACE_DETACH, command->process, NULL, NULL);
}
