#include "shim/record/launch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "shim/core/settings/settings.h"
#include "shim/record/say.h"

/* This program's own path; by the name that it was started by where /proc is not mounted. */
static bool self_find(char self[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", self, PATH_MAX - 1);
    const char *name = (const char *)getauxval(AT_EXECFN);

    if (length > 0)
        self[length] = '\0';
    return length > 0 || (name && realpath(name, self));
}

bool launch_find_shim(char *path, size_t size)
{
    static const char *const places[] = {"", "../lib/pgoshim/"};
    static char self[PATH_MAX];
    char *slash;

    if (self_find(self)) {
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

/* In the process that becomes the command: it is what the user wants recorded, however short. */
static void environment_set(const struct record_options *options, const char *shim)
{
    const char *present = getenv("LD_PRELOAD");
    static char preload[2 * PATH_MAX];
    char process[16];

    snprintf(preload, sizeof(preload), "%s%s%s", shim, present && *present ? ":" : "",
             present ? present : "");
    setenv("LD_PRELOAD", preload, 1);
    snprintf(process, sizeof(process), "%d", (int)getpid());
    setenv(SETTINGS_AT_ONCE_VARIABLE, process, 1);
    options_export(options);
}

int launch_run(const struct record_options *options, const char *program, const char *shim,
               struct relay *relay)
{
    relay_begin(relay);
    relay->command = fork();
    if (relay->command < 0) {
        record_say("%s was not started: fork: %s", program, strerror(errno));
        return RECORD_STATUS_ENVIRONMENT;
    }
    if (relay->command == 0) {
        relay_become_command(relay);
        environment_set(options, shim);
        execv(program, options->command);
        record_say("%s was not started: %s", program, strerror(errno));
        _exit(RECORD_STATUS_ENVIRONMENT);
    }
    relay_run(relay);
    return relay_exit_status(relay);
}

int launch_exec(const struct record_options *options, const char *program, const char *shim)
{
    if (shim)
        environment_set(options, shim);
    execv(program, options->command);
    record_say("%s was not started: %s", program, strerror(errno));
    return RECORD_STATUS_ENVIRONMENT;
}
