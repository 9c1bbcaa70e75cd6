#include "shim/record/program.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "shim/program/fit.h"
#include "shim/record/say.h"

/* As execvp does it. */
static bool program_find(const char *name, char *path, size_t size)
{
    const char *directories = getenv("PATH");

    if (strchr(name, '/')) {
        snprintf(path, size, "%s", name);
        return access(path, F_OK) == 0;
    }
    for (const char *at = directories ? directories : "/usr/bin:/bin"; at;) {
        const char *end = strchrnul(at, ':');
        snprintf(path, size, "%.*s%s%s", (int)(end - at), at, end > at ? "/" : "", name);
        if (access(path, X_OK) == 0)
            return true;
        at = *end ? end + 1 : NULL;
    }
    return false;
}

static enum recording refuse(const char *path, const char *what, const char *remedy)
{
    record_say("%s %s\n  remedy: %s", path, what, remedy);
    return RECORDING_REFUSED;
}

static enum recording privileges_check(const char *path, const struct stat *status)
{
    char capabilities[64];
    bool root = geteuid() == 0;

    if ((status->st_mode & S_ISUID && status->st_uid != geteuid()) ||
        (status->st_mode & S_ISGID && status->st_mode & S_IXGRP && status->st_gid != getegid()))
        return refuse(path, "is set-user-ID or set-group-ID: preloading is ignored for it",
                      "record a copy without that bit: cp --no-preserve=mode PROGRAM COPY");
    if (!root && getxattr(path, "security.capability", capabilities, sizeof(capabilities)) > 0)
        return refuse(path, "has file capabilities: preloading is ignored for it",
                      "record a copy, which has none: cp PROGRAM COPY");
    return RECORDING_PRELOADED;
}

static void outside_note(const char *path, enum fit fit, const struct record_options *options)
{
    if (options->quiet)
        return;
    if (options->exec)
        record_say("note: %s %s: with --exec, it runs without being recorded\n"
                   "  remedy: record it with -p while it runs, or without --exec",
                   path, fit_text(fit));
    else
        record_say("note: %s %s: it is recorded from outside", path, fit_text(fit));
}

/* The kernel says of these that the script itself is not there. */
static bool interpreter_exists(const char *line)
{
    char path[sizeof(((struct fit_facts *)0)->interpreter)];

    snprintf(path, sizeof(path), "%.*s", (int)strcspn(line, " \t"), line);
    return !*path || access(path, F_OK) == 0;
}

/* By its file; what is not what one would expect is said. */
static enum recording fit_check(const char *path, const struct record_options *options)
{
    struct fit_facts facts;

    switch (fit_look(path, &facts)) {
    case FIT_OTHER_MACHINE:
        return refuse(path, fit_text(facts.fit), "64-bit x86 programs can be recorded");
    case FIT_OBJECT:
        return refuse(path, fit_text(facts.fit), "record the program that loads it");
    case FIT_UNKNOWN:
        return refuse(path, fit_text(facts.fit), "name an ELF executable or a script");
    case FIT_STATIC:
        if (options->exec)
            outside_note(path, facts.fit, options);
        return RECORDING_OUTSIDE;
    case FIT_NO_LIBRARIES:
    case FIT_OTHER_LIBC:
    case FIT_RUNTIME_FIRST:
        outside_note(path, facts.fit, options);
        return RECORDING_OUTSIDE;
    default: /* where it may only be executed, that is left to the kernel */
        if (facts.is_script && !interpreter_exists(facts.interpreter))
            return refuse(path, "names an interpreter in its first line that does not exist",
                          "install that, or mend the line");
        if (facts.is_script && !options->quiet)
            record_say("note: %s is a script: its interpreter (%s) and the programs it starts are "
                       "recorded",
                       path, facts.interpreter);
        return RECORDING_PRELOADED;
    }
}

enum recording program_check(const struct record_options *options, char *path, size_t size)
{
    const char *name = options->command[0];
    struct stat status;

    if (!program_find(name, path, size))
        return refuse(name, "not found", "check the name, or give its path");
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse(path, "is not a file that can be run", "name a program");
    if (access(path, X_OK) != 0)
        return refuse(path, "may not be executed", "chmod +x it");
    if (privileges_check(path, &status) == RECORDING_REFUSED)
        return RECORDING_REFUSED;
    return fit_check(path, options);
}
