#include "shim/core/settings/settings.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgoshim/raw.h"
#include "shim/core/ground/log.h"
#include "shim/core/ground/text.h"

#define SMALLEST_LIMIT (256u << 10)
#define LARGEST_LIMIT (UINT64_C(1) << 30)

/* The program may change its directory before the file is made. */
static void file_make_absolute(char *file, size_t size)
{
    char directory[PATH_MAX];
    size_t before, length = strlen(file) + 1;

    if (file[0] == '/' || strncmp(file, "%t", 2) == 0 || !getcwd(directory, sizeof(directory)))
        return;
    before = strlen(directory);
    if (before + 1 + length > size)
        return;
    memmove(file + before + 1, file, length);
    memcpy(file, directory, before);
    file[before] = '/';
}

/* The number in the variable `name`.  Not one in range: `fallback`, and a line in the log. */
static double number_from(const char *name, double low, double high, double fallback)
{
    const char *text = getenv(name);
    char *end, used[80];
    double value;

    if (!text || !*text)
        return fallback;
    value = strtod(text, &end);
    if (*end == '\0' && value >= low && value <= high)
        return value;
    snprintf(used, sizeof(used), "from %g to %g: %g is used", low, high, fallback);
    log_line("%s=%s is not a number %s", name, text, used);
    return fallback;
}

static enum settings_branches branches_from(const char *text)
{
    static const struct {
        const char *name;
        enum settings_branches value;
    } names[] = {
        {"auto", SETTINGS_BRANCHES_AUTO},
        {"lbr", SETTINGS_BRANCHES_HARDWARE},
        {"lookahead", SETTINGS_BRANCHES_LOOKAHEAD},
        {"step", SETTINGS_BRANCHES_STEP},
        {"off", SETTINGS_BRANCHES_OFF},
        {"compare", SETTINGS_BRANCHES_COMPARE},
    };
    if (!text || !*text)
        return SETTINGS_BRANCHES_AUTO;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i].name) == 0)
            return names[i].value;
    log_line("PGOSHIM_BRANCHES=%s is none of auto, lbr, lookahead, step, off: auto is used", text);
    return SETTINGS_BRANCHES_AUTO;
}

void settings_read(struct settings *settings)
{
    const char *file = getenv("PGOSHIM_FILE");
    const char *stacks = getenv("PGOSHIM_STACKS");
    const char *window = getenv("PGOSHIM_WINDOW");
    const char *temporary = getenv("TMPDIR");
    const char *at_once = getenv(SETTINGS_AT_ONCE_VARIABLE);

    if (file && strlen(file) >= sizeof(settings->file)) {
        log_line("PGOSHIM_FILE is too long: %s is used", SETTINGS_DEFAULT_FILE);
        file = NULL;
    }
    text_print(settings->file, sizeof(settings->file), "%s",
               file && *file ? file : SETTINGS_DEFAULT_FILE);
    file_make_absolute(settings->file, sizeof(settings->file));
    if (temporary && strlen(temporary) >= sizeof(settings->temporary_directory)) {
        log_line("TMPDIR is too long: /tmp is used");
        temporary = NULL;
    }
    text_print(settings->temporary_directory, sizeof(settings->temporary_directory), "%s",
               temporary && *temporary ? temporary : "/tmp");
    settings->rate =
        (uint32_t)number_from("PGOSHIM_RATE", 1, SETTINGS_MAX_RATE, SETTINGS_DEFAULT_RATE);
    settings->budget = number_from("PGOSHIM_BUDGET", 0.01, 100, SETTINGS_DEFAULT_BUDGET);
    settings->stack_interval =
        stacks && strcmp(stacks, "off") == 0
            ? 0
            : (uint32_t)number_from("PGOSHIM_STACKS", 0, 1000000, SETTINGS_DEFAULT_STACKS);
    settings->window = window && strcmp(window, "auto") == 0
                           ? 0
                           : (uint32_t)number_from("PGOSHIM_WINDOW", 1, WINDOW_MOST_BRANCHES, 0);
    settings->size_limit = (uint64_t)number_from("PGOSHIM_LIMIT", SMALLEST_LIMIT,
                                                 (double)LARGEST_LIMIT, PGORAW_DEFAULT_LIMIT);
    settings->branches = branches_from(getenv("PGOSHIM_BRANCHES"));
    settings->at_once = at_once && strtol(at_once, NULL, 10) == getpid();
}
