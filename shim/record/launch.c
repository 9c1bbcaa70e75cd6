#include "shim/record/launch.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/record/say.h"

static volatile sig_atomic_t child;

bool launch_find_shim(char *path, size_t size)
{
    static const char *const places[] = {"", "../lib/pgoshim/"};
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    if (length > 0) {
        self[length] = '\0';
        slash = strrchr(self, '/');
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            snprintf(path, size, "%.*s%slibpgoshim.so", (int)(slash - self + 1), self, places[i]);
            if (access(path, R_OK) != 0)
                continue;
            if (!strpbrk(path, " :"))
                return true;
            record_say("%s: LD_PRELOAD cannot hold a path with a space or a colon\n"
                       "  remedy: install pgoshim elsewhere",
                       path);
            return false;
        }
    }
    record_say("libpgoshim.so not found beside this program\n  remedy: make install");
    return false;
}

/* What is sent to us is meant for the program. */
static void signal_pass_on(int signal)
{
    if (child > 0)
        kill((pid_t)child, signal);
}

static void environment_set(const struct record_options *options, const char *shim)
{
    const char *present = getenv("LD_PRELOAD");
    char preload[2 * PATH_MAX];

    snprintf(preload, sizeof(preload), "%s%s%s", shim, present && *present ? ":" : "",
             present ? present : "");
    setenv("LD_PRELOAD", preload, 1);
    options_export(options);
}

int launch_run(const struct record_options *options, const char *program, const char *shim)
{
    struct sigaction pass_on = {.sa_handler = signal_pass_on, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    int status;
    pid_t pid;

    /* Ctrl-C reaches the program by itself; we stay to say what was recorded. */
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    pid = fork();
    if (pid < 0) {
        record_say("%s was not started: fork: %s", program, strerror(errno));
        return RECORD_STATUS_ENVIRONMENT;
    }
    if (pid == 0) {
        sigaction(SIGINT, &interrupt, NULL);
        sigaction(SIGQUIT, &quit, NULL);
        environment_set(options, shim);
        execv(program, options->command);
        record_say("%s was not started: %s", program, strerror(errno));
        _exit(RECORD_STATUS_ENVIRONMENT);
    }
    child = pid;
    sigaction(SIGTERM, &pass_on, NULL);
    sigaction(SIGHUP, &pass_on, NULL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return RECORD_STATUS_ENVIRONMENT;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
