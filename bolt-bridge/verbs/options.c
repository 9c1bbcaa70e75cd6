#include "bolt-bridge/verbs/options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/message.h"
#include "bolt-bridge/process/run.h"

int options_split(int argc, char **argv, char ***rest, size_t *rest_count)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            *rest = argv + i + 1;
            *rest_count = (size_t)(argc - i - 1);
            return i;
        }
    }
    *rest = argv + argc;
    *rest_count = 0;
    return argc;
}

unsigned options_count(const char *text, const char *option, unsigned low, unsigned high,
                       struct argp_state *state)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || text[0] == '-' || value < low || value > high)
        argp_error(state, "%s: '%s' is not a number from %u to %u", option, text, low, high);
    return (unsigned)value;
}

double options_seconds(const char *text, const char *option, struct argp_state *state)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value <= 0 || value > 1e6)
        argp_error(state, "%s: '%s' is not a number of seconds", option, text);
    return value;
}

double options_duration(const char *text, const char *option, struct argp_state *state)
{
    static const char units[] = "smh";
    static const double seconds[] = {1, 60, 3600};
    char *end;
    double value = strtod(text, &end);
    const char *unit = *end ? strchr(units, *end) : units;
    if (end == text || !unit || (*end && end[1]) || !isfinite(value) || value <= 0 || value > 1e6)
        argp_error(state, "%s: '%s' is not a time like 90, 90s, 5m or 1h", option, text);
    return unit ? value * seconds[unit - units] : 0;
}

double options_percent(const char *text, const char *option, struct argp_state *state)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value < 0 || value > 10000)
        argp_error(state, "%s: '%s' is not a number of percent", option, text);
    return value / 100;
}

void options_ignore(const char *text, struct measure_tolerance *tolerance, struct argp_state *state)
{
    bool both = strcmp(text, "both") == 0;
    if (!both && strcmp(text, "output") != 0 && strcmp(text, "errors") != 0)
        argp_error(state, "--ignore: '%s' is none of output, errors, both", text);
    tolerance->output |= both || text[0] == 'o';
    tolerance->errors |= both || text[0] == 'e';
}

bool options_find_binary(const char *name, char *path, struct error *error)
{
    struct stat status;

    if (stat(name, &status) == 0) {
        if (!S_ISREG(status.st_mode)) {
            error_set(error, ERROR_OPEN, name, "it is not a file");
            return false;
        }
        /* "./" keeps it from being looked up in PATH later on. */
        if (snprintf(path, PATH_MAX, "%s%s", strchr(name, '/') ? "" : "./", name) < PATH_MAX)
            return true;
    } else if (!strchr(name, '/') && process_find_program(name, path, PATH_MAX)) {
        return true;
    }
    error_set(error, ERROR_NO_SUCH_PROGRAM, name, NULL);
    return false;
}

int options_fail(const struct error *error)
{
    message_error(error);
    return (int)error_exit_status(error->code);
}
