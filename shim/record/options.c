#include "shim/record/options.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command-line/unknown_option.h"
#include "shim/record/duration.h"
#include "shim/record/say.h"

#ifndef PGOSHIM_VERSION
#error "PGOSHIM_VERSION is set by the Makefile"
#endif

#define LONGEST_PATTERN 1024 /* bytes that the shim takes */

const char *argp_program_version = "pgo-record " PGOSHIM_VERSION;

static const char documentation[] =
    "Record what an unmodified program really does: hot code, branches, call stacks."
    "\v"
    "Examples:\n"
    "  pgo-record -- ./server --config prod.conf\n"
    "  pgo-record -o app.pgoraw -F 1000 -- ./app input.txt\n"
    "  pgo-record -o '%t/profiles/%m-%p.pgoraw' -- make -j8 test\n"
    "  pgo-record --exec -o '/var/lib/pgo/%m-%p.pgoraw' -- /usr/sbin/daemon\n"
    "  pgo-record -p $(pgrep -d, server) --duration 30s -o server.pgoraw\n"
    "  pgo-analyze report app.pgoraw\n"
    "\n"
    "The raw file's name may hold %p (process), %m (signature of the executable: its "
    "processes share a file; %4m: a pool of 4), %h (host), %t (TMPDIR), %% and %c.  Programs "
    "that the command starts are recorded too, each in a file of its own.\n"
    "\n"
    "Programs that already run (-p) and static ones (Go, musl) are recorded from outside, with "
    "their threads and children in one file: sampled addresses and call stacks by frame "
    "pointers; with --branches lookahead also branches, for which threads are stopped for "
    "moments.\n"
    "\n"
    "--exec is for systemd units, Dockerfiles and the like: the command has our process number, "
    "parent and signals, and runs in any case, unrecorded where it cannot be recorded.  Nothing "
    "is summed up in the end.\n"
    "\n"
    "Without this launcher: LD_PRELOAD=libpgoshim.so with PGOSHIM_FILE, PGOSHIM_RATE, "
    "PGOSHIM_BUDGET, PGOSHIM_BRANCHES, PGOSHIM_WINDOW, PGOSHIM_STACKS, PGOSHIM_LIMIT and "
    "PGOSHIM_LOG.\n"
    "\n"
    "Exit status: that of the command (128 + N where signal N ended it).  Where the command "
    "was not run: 2 wrong usage, 3 it cannot be recorded.";

/* Options without a short form; 'b', 'f' and 'w' are their former ones, which still work. */
enum { OPTION_BUDGET = 256, OPTION_EXEC, OPTION_FORCE, OPTION_WINDOW };

static const struct argp_option options_table[] = {
    {"output", 'o', "PATTERN", 0, "Raw file to write (pgo-%p-%m.pgoraw)", 0},
    {"pid", 'p', "PID[,PID...]", 0, "Record processes that already run, until they end or Ctrl-C",
     0},
    {"duration", 'd', "TIME", 0, "With -p: for this long, such as 90, 90s, 5m or 1h", 0},
    {"frequency", 'F', "HZ", 0,
     "Samples a second of each thread's CPU time, as far as the budget goes (1000)", 0},
    {"budget", OPTION_BUDGET, "PERCENT", 0, "CPU time that sampling may cost (1)", 0},
    {"branches", 'B', "SOURCE", 0,
     "auto, lbr (hardware), lookahead (emulation), step (exact, very slow), off", 0},
    {"window", OPTION_WINDOW, "N", 0,
     "Taken branches that look-ahead follows from a sample, 1 to 256; auto: as many as pay", 0},
    {"stacks", 's', "N", 0,
     "A call stack every N samples (32; from outside 1); 1 for profiles by callers, off: none", 0},
    {"limit", 'l', "SIZE", 0, "Largest raw file, in MiB (16)", 0},
    {"exec", OPTION_EXEC, NULL, 0,
     "Become the command, with no process of ours beside it: for service managers and containers",
     1},
    {"force", OPTION_FORCE, NULL, 0, "Replace an output that exists", 1},
    {"quiet", 'q', NULL, 0, "Say nothing about the recording", 1},
    {"verbose", 'v', NULL, 0, "Say what was chosen and why", 1},
    {NULL, 'b', "PERCENT", OPTION_HIDDEN, NULL, 0},
    {NULL, 'w', "N", OPTION_HIDDEN, NULL, 0},
    {NULL, 'f', NULL, OPTION_HIDDEN, NULL, 0},
    {0},
};

/* The option that `key` is a former short form of, after saying so; else `key`. */
static int key_now(int key)
{
    static const struct {
        int former, now;
        const char *name;
    } renamed[] = {{'b', OPTION_BUDGET, "--budget"},
                   {'w', OPTION_WINDOW, "--window"},
                   {'f', OPTION_FORCE, "--force"}};

    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (key != renamed[i].former)
            continue;
        record_say("-%c is deprecated: write %s", key, renamed[i].name);
        return renamed[i].now;
    }
    return key;
}

/* A number in range, or `word` unless that is NULL; otherwise the end of the program. */
static const char *number_checked(const struct argp_state *state, const char *option,
                                  const char *text, double low, double high, const char *word)
{
    char *end;
    double value = strtod(text, &end);

    if (word && strcmp(text, word) == 0)
        return text;
    if (*text == '\0' || *end != '\0' || !(value >= low && value <= high))
        argp_error(state, "%s %s: a number from %g to %g%s%s is wanted", option, text, low, high,
                   word ? " or " : "", word ? word : "");
    return text;
}

static const char *limit_in_bytes(const struct argp_state *state, const char *text)
{
    static char bytes[32];
    number_checked(state, "--limit", text, 0.25, 1024, NULL);
    snprintf(bytes, sizeof(bytes), "%.0f", strtod(text, NULL) * 1048576);
    return bytes;
}

static const char *source_checked(const struct argp_state *state, const char *text)
{
    static const char *const names[] = {"auto", "lbr", "lookahead", "step", "off", "compare"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0)
            return text;
    argp_error(state, "--branches %s: auto, lbr, lookahead, step or off is wanted", text);
    return text;
}

static void processes_check(const struct argp_state *state, const char *text)
{
    if (!*text || strspn(text, "0123456789,") < strlen(text))
        argp_error(state, "-p %s: a process number is wanted, or several with commas", text);
}

static double duration_checked(const struct argp_state *state, const char *text)
{
    double seconds = 0;
    if (!duration_parse(text, &seconds))
        argp_error(state, "--duration %s: a time such as 90, 90s, 5m or 1h is wanted", text);
    return seconds;
}

static void options_check(const struct record_options *options, const struct argp_state *state)
{
    if (!options->command && !options->processes)
        argp_error(state, "no command to record");
    else if (options->command && options->processes)
        argp_error(state, "-p and a command: one of them is wanted");
    else if (options->command && options->duration_s != 0)
        argp_error(state, "--duration goes with -p");
    else if (options->processes && options->exec)
        argp_error(state, "--exec goes with a command");
}

static error_t option_parse(int key, char *argument, struct argp_state *state)
{
    struct record_options *options = state->input;
    switch (key_now(key)) {
    case 'o':
        options->pattern = argument;
        break;
    case 'F':
        options->rate = number_checked(state, "-F", argument, 1, 10000, NULL);
        break;
    case OPTION_BUDGET:
        options->budget = number_checked(state, "--budget", argument, 0.01, 100, NULL);
        break;
    case 'B':
        options->branches = source_checked(state, argument);
        break;
    case OPTION_WINDOW:
        options->window = number_checked(state, "--window", argument, 1, 256, "auto");
        break;
    case 's':
        options->stacks = number_checked(state, "--stacks", argument, 0, 1000000, "off");
        break;
    case 'l':
        options->limit = limit_in_bytes(state, argument);
        break;
    case 'p':
        processes_check(state, argument);
        options->processes = argument;
        break;
    case 'd':
        options->duration_s = duration_checked(state, argument);
        break;
    case OPTION_EXEC:
        options->exec = true;
        break;
    case OPTION_FORCE:
        options->force = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'v':
        options->verbose = true;
        break;
    case ARGP_KEY_ARGS:
        options->command = state->argv + state->next;
        break;
    case ARGP_KEY_END:
        options_check(options, state);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool pattern_refuse(const struct record_options *options, const char *what, const char *why)
{
    record_say("-o %s: %s: %s\n  remedy: choose another output with -o", options->pattern, what,
               why);
    return false;
}

/* The recorded program may change its directory before it starts another one.  False: it was said.
 */
static bool pattern_make_absolute(struct record_options *options)
{
    char directory[2048];
    size_t size = sizeof(options->absolute_pattern);
    int length;

    if (options->pattern[0] == '/' || strncmp(options->pattern, "%t/", 3) == 0)
        length = snprintf(options->absolute_pattern, size, "%s", options->pattern);
    else if (!getcwd(directory, sizeof(directory)))
        return pattern_refuse(options, "the current directory has no name", strerror(errno));
    else if (strchr(directory, '%'))
        return pattern_refuse(options, "the directory's name has a % in it", directory);
    else
        length = snprintf(options->absolute_pattern, size, "%s/%s", directory, options->pattern);
    return (size_t)length < LONGEST_PATTERN ||
           pattern_refuse(options, "too long", options->absolute_pattern);
}

void options_parse(struct record_options *options, int argc, char **argv)
{
    static const struct argp parser = {
        options_table, option_parse, "[--] COMMAND [ARGUMENT...]\n-p PID[,PID...]",
        documentation, NULL,         NULL,
        NULL};
    char unknown[256];

    *options = (struct record_options){.pattern = "pgo-%p-%m.pgoraw"};
    argp_err_exit_status = RECORD_STATUS_USAGE;
    if (unknown_option_find(&parser, argc, argv, ARGP_IN_ORDER, unknown, sizeof(unknown))) {
        record_say("%s\nTry `pgo-record --help' for more information.", unknown);
        exit(RECORD_STATUS_USAGE);
    }
    argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, options);
    if (!pattern_make_absolute(options))
        exit(RECORD_STATUS_USAGE);
}

static void set_or_leave(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
}

void options_export(const struct record_options *options)
{
    setenv("PGOSHIM_FILE", options->absolute_pattern, 1);
    set_or_leave("PGOSHIM_RATE", options->rate);
    set_or_leave("PGOSHIM_BUDGET", options->budget);
    set_or_leave("PGOSHIM_BRANCHES", options->branches);
    set_or_leave("PGOSHIM_WINDOW", options->window);
    set_or_leave("PGOSHIM_STACKS", options->stacks);
    set_or_leave("PGOSHIM_LIMIT", options->limit);
    if (options->verbose)
        setenv("PGOSHIM_LOG", "1", 1);
}
