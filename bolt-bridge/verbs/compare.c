#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/table.h"
#include "bolt-bridge/verbs/verbs.h"

#define DEFAULT_PAIRS 15

static const char documentation[] =
    "Measure program B against program A with the same ARGS: interleaved runs, the median ratio of "
    "CPU times with its 95 % confidence interval, and whether both behave the same."
    "\vExamples:\n"
    "  pgo-bolt compare ./app ./app.bolt -- --typical input.dat\n"
    "  pgo-bolt compare -n 30 --stdin in.sql ./sqlite3 ./sqlite3.bolt -- test.db\n"
    "  pgo-bolt compare --shell 'gzip -6 <big >/dev/null' 'gzip -9 <big >/dev/null'\n\n"
    "Both see A's name as argv[0] (--own-name: each its own).  A round runs A, B,\n"
    "and A again (--no-noise: not again), in changing order.\n\n"
    "Exit status: 0 B behaves the same and is not slower, 1 it is slower or behaves\n"
    "differently, 2 wrong usage, 3 a file or the system does not allow it.";

enum {
    OPTION_STDIN = 256,
    OPTION_NOISE,
    OPTION_NO_NOISE,
    OPTION_SHELL,
    OPTION_OWN_NAME,
    OPTION_IGNORE,
    OPTION_TIMEOUT
};

static const struct argp_option options[] = {
    {"pairs", 'n', "PAIRS", 0, "How many pairs to run, 6 to 1000 (15)", 0},
    {"stdin", OPTION_STDIN, "FILE", 0, "Standard input of every run (/dev/null)", 0},
    {"noise", OPTION_NOISE, NULL, 0, "Measure A against itself as well (the default)", 0},
    {"no-noise", OPTION_NO_NOISE, NULL, 0, "Do not measure A against itself", 0},
    {"shell", OPTION_SHELL, NULL, 0, "A and B are command lines for /bin/sh", 0},
    {"own-name", OPTION_OWN_NAME, NULL, 0, "Each sees its own path as argv[0]", 0},
    {"ignore", OPTION_IGNORE, "output|errors|both", 0,
     "Do not compare standard output, standard error, or both", 0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "Give a run up after that time", 0},
    {"json", 'j', NULL, 0, "Print the result as JSON", 0},
    {0},
};

struct arguments {
    char *sides[MEASURE_SIDES];
    size_t side_count;
    bool json, shell, own_name;
    struct measure_request request;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct measure_request *request = &arguments->request;
    switch (key) {
    case 'n':
        request->pairs = options_count(argument, "-n", PAIRED_MINIMUM, PAIRED_MAXIMUM, state);
        return 0;
    case OPTION_STDIN:
        request->input_file = argument;
        return 0;
    case OPTION_NOISE:
        request->noise = true;
        return 0;
    case OPTION_NO_NOISE:
        request->noise = false;
        return 0;
    case OPTION_SHELL:
        arguments->shell = true;
        return 0;
    case OPTION_OWN_NAME:
        arguments->own_name = true;
        return 0;
    case OPTION_IGNORE:
        options_ignore(argument, &request->tolerance, state);
        return 0;
    case OPTION_TIMEOUT:
        request->timeout = options_seconds(argument, "--timeout", state);
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->side_count == MEASURE_SIDES)
            argp_error(state, "'%s' is a third program; arguments for both stand behind --",
                       argument);
        else
            arguments->sides[arguments->side_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (arguments->side_count != MEASURE_SIDES)
            argp_error(state, "which two programs?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The finished command lines; the strings are borrowed. */
struct commands {
    char paths[MEASURE_SIDES][PATH_MAX];
    char **vectors[MEASURE_SIDES];
};

static bool make_shell_commands(struct arguments *arguments, struct commands *commands,
                                struct error *error)
{
    for (size_t i = 0; i < MEASURE_SIDES; i++) {
        commands->vectors[i] = calloc(4, sizeof(char *));
        if (!commands->vectors[i])
            return memory_exhausted(error);
        snprintf(commands->paths[i], PATH_MAX, "/bin/sh");
        commands->vectors[i][0] = "sh";
        commands->vectors[i][1] = "-c";
        commands->vectors[i][2] = arguments->sides[i];
    }
    return true;
}

static bool make_commands(struct arguments *arguments, char **rest, size_t rest_count,
                          struct commands *commands, struct error *error)
{
    for (size_t i = 0; i < MEASURE_SIDES; i++) {
        if (!options_find_binary(arguments->sides[i], commands->paths[i], error))
            return false;
        commands->vectors[i] = calloc(rest_count + 2, sizeof(char *));
        if (!commands->vectors[i])
            return memory_exhausted(error);
        commands->vectors[i][0] = commands->paths[arguments->own_name ? i : MEASURE_A];
        memcpy(commands->vectors[i] + 1, rest, rest_count * sizeof(char *));
    }
    return true;
}

static bool measure(struct arguments *arguments, struct commands *commands,
                    struct measure_report *report, struct error *error)
{
    struct measure_request *request = &arguments->request;
    const char *const files[MEASURE_SIDES] = {commands->paths[MEASURE_A],
                                              commands->paths[MEASURE_B]};

    for (size_t i = 0; i < MEASURE_SIDES; i++) {
        request->paths[i] = commands->paths[i];
        request->arguments[i] = commands->vectors[i];
        request->names[i] = arguments->sides[i];
    }
    request->progress = table_progress;
    if (!measure_run(request, report, error))
        return false;
    if (!arguments->json) {
        table_print(request, report, arguments->shell ? NULL : files);
        if (!report->same)
            puts("  remedy: see what differs; --ignore where it may (times, addresses)");
        return true;
    }
    json_t *root = table_json(request, report, arguments->shell ? NULL : files);
    bool done = root && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0;
    putchar('\n');
    json_decref(root);
    if (!done)
        error_set(error, ERROR_WRITE, "standard output", NULL);
    return done;
}

int verb_compare(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "A B [-- ARGS]", documentation, NULL,
                                     NULL,    NULL};
    struct arguments arguments = {.request = {.pairs = DEFAULT_PAIRS, .noise = true}};
    static struct commands commands;
    struct measure_report report;
    struct error error;
    char **rest;
    size_t rest_count;

    argc = options_split(argc, argv, &rest, &rest_count);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (arguments.shell && rest_count) {
        error_set(&error, ERROR_USAGE, "--shell", "write the arguments into the command lines");
        return options_fail(&error);
    }
    bool done =
        (arguments.shell ? make_shell_commands(&arguments, &commands, &error)
                         : make_commands(&arguments, rest, rest_count, &commands, &error)) &&
        measure(&arguments, &commands, &report, &error);
    for (size_t i = 0; i < MEASURE_SIDES; i++)
        free(commands.vectors[i]);
    if (!done)
        return options_fail(&error);
    return report.same && report.verdict != PAIRED_SLOWER ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
}
