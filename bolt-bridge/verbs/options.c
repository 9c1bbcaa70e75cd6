#include "bolt-bridge/verbs/options.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "bolt-bridge/process/run.h"

#define MOST_PERCENT 10000

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

enum { OPTION_JSON = 2048 }; /* beyond the keys of the verbs and of the workloads */

static const struct argp_option output_table[] = {
    {"json", OPTION_JSON, NULL, 0, "Print the result as JSON", -1},
    {"quiet", 'q', NULL, 0, "Say errors and warnings only", -1},
    {"verbose", 'v', NULL, 0, "Say more", -1},
    {NULL, 'j', NULL, OPTION_HIDDEN, NULL, -1},
    {0},
};

static error_t parse_output(int key, char *argument, struct argp_state *state)
{
    struct output_options *output = state->input;
    (void)argument;
    switch (key) {
    case 'j':
        option_deprecated(state, "-j", "--json");
        output->json = true;
        return 0;
    case OPTION_JSON:
        output->json = true;
        return 0;
    default:
        return option_verbosity(key) ? 0 : ARGP_ERR_UNKNOWN;
    }
}

const struct argp output_argp = {output_table, parse_output, NULL, NULL, NULL, NULL, NULL};

double options_fraction(const char *text, const char *option, struct argp_state *state)
{
    return option_percent(text, option, 0, MOST_PERCENT, state) / 100;
}

size_t options_word(const char *text, const char *option, const char *const *names,
                    struct argp_state *state)
{
    char unknown[256], all[256] = "";
    size_t used = 0;

    for (size_t i = 0; names[i]; i++) {
        if (strcmp(text, names[i]) == 0)
            return i;
        used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", names[i]);
        assert(used < sizeof(all));
    }
    argp_error(state, "%s: %s (one of %s)", option,
               option_unknown(unknown, sizeof(unknown), "word", text, names), all);
    return 0;
}

enum toolchain options_toolchain(const char *text, enum toolchain first, struct argp_state *state)
{
    const char *names[TOOLCHAINS + 1] = {NULL};

    for (int i = (int)first; i < TOOLCHAINS; i++)
        names[i - (int)first] = toolchain_name((enum toolchain)i);
    size_t toolchain = (size_t)first + options_word(text, "--toolchain", names, state);
    assert(toolchain < TOOLCHAINS);
    return (enum toolchain)toolchain;
}

enum rebuild_kind options_rebuild_kind(const char *text, bool *chooses, struct argp_state *state)
{
    static const char *const names[] = {"sample", "lines", "ir", "auto", NULL};
    static const enum rebuild_kind kinds[] = {REBUILD_SAMPLES, REBUILD_BY_LINES, REBUILD_COUNTERS,
                                              REBUILD_SAMPLES};
    size_t which = options_word(text, "--as", names, state);
    *chooses = !names[which + 1];
    return kinds[which];
}

/* "output", "errors" or "both". */
static void parse_ignore(const char *text, struct measure_tolerance *tolerance,
                         struct argp_state *state)
{
    static const char *const names[] = {"output", "errors", "both", NULL};
    size_t word = options_word(text, "--ignore", names, state);

    tolerance->output |= word != 1;
    tolerance->errors |= word != 0;
}

bool options_measuring(int key, const char *argument, const struct measuring_options *measuring,
                       struct argp_state *state)
{
    switch (key) {
    case OPTION_PAIRS:
        measuring->stopping->pairs =
            (size_t)option_number(argument, "-n", PAIRED_MINIMUM, PAIRED_MAXIMUM, state);
        return true;
    case OPTION_PRECISION:
        measuring->stopping->precision = options_fraction(argument, "--precision", state);
        return true;
    case OPTION_TIME:
        *measuring->seconds = option_duration(argument, "--time", state);
        return true;
    case OPTION_IGNORE:
        parse_ignore(argument, measuring->tolerance, state);
        return true;
    case OPTION_TIMEOUT:
        *measuring->timeout = option_duration(argument, "--timeout", state);
        return true;
    default:
        return false;
    }
}

void options_add_file(struct file_list *list, char *file, struct argp_state *state)
{
    struct error error;

    if (memory_reserve(&list->files, &list->capacity, list->count + 1, sizeof(*list->files),
                       &error))
        list->files[list->count++] = file;
    else
        argp_failure(state, EXIT_STATUS_ENVIRONMENT, 0, "out of memory");
}

bool options_find_binary(const char *name, char *path, struct error *error)
{
    struct stat status;

    if (stat(name, &status) == 0) {
        if (!S_ISREG(status.st_mode)) {
            error_set(error, ERROR_EXECUTE, name, "it is not a file");
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
