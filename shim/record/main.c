#include <argp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shim/record/record.h"

#ifndef PGOSHIM_VERSION
#error "PGOSHIM_VERSION is set by the Makefile"
#endif

const char *argp_program_version = "pgo-record " PGOSHIM_VERSION;

static const char documentation[] =
    "Record what an unmodified program really does: hot code, branches, call stacks."
    "\v"
    "Examples:\n"
    "  pgo-record -- ./server --config prod.conf\n"
    "  pgo-record -o app.pgoraw -F 1000 -- ./app input.txt\n"
    "  pgo-record -o '%t/profiles/%m-%p.pgoraw' -- make -j8 test\n"
    "  pgo-record -p $(pgrep -d, server) --duration 30 -o server.pgoraw\n"
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
    "Without this launcher: LD_PRELOAD=libpgoshim.so with PGOSHIM_FILE, PGOSHIM_RATE, "
    "PGOSHIM_BUDGET, PGOSHIM_BRANCHES, PGOSHIM_WINDOW, PGOSHIM_STACKS, PGOSHIM_LIMIT and "
    "PGOSHIM_LOG.\n"
    "\n"
    "Exit status: that of the command (128 + N where signal N ended it).  Where the command "
    "was not run: 2 wrong usage, 3 it cannot be recorded.";

static const struct argp_option options_table[] = {
    {"output", 'o', "PATTERN", 0, "Raw file to write (pgo-%p-%m.pgoraw)", 0},
    {"pid", 'p', "PID[,PID...]", 0, "Record processes that already run, until they end or Ctrl-C",
     0},
    {"duration", 'd', "SECONDS", 0, "With -p: for so long", 0},
    {"frequency", 'F', "HZ", 0,
     "Samples a second of each thread's CPU time, as far as the budget goes (1000)", 0},
    {"budget", 'b', "PERCENT", 0, "CPU time that sampling may cost (1)", 0},
    {"branches", 'B', "SOURCE", 0,
     "auto, lbr (hardware), lookahead (emulation), step (exact, very slow), off", 0},
    {"window", 'w', "N", 0,
     "Taken branches that look-ahead follows from a sample, 1 to 256; auto: as many as pay", 0},
    {"stacks", 's', "N", 0,
     "A call stack every N samples (32; from outside 1); 1 for profiles by callers, off: none", 0},
    {"limit", 'l', "SIZE", 0, "Largest raw file, in MiB (16)", 0},
    {"force", 'f', NULL, 0, "Replace an output that exists", 1},
    {"quiet", 'q', NULL, 0, "Say nothing about the recording", 1},
    {"verbose", 'v', NULL, 0, "Say what was chosen and why", 1},
    {0},
};

void record_say(const char *format, ...)
{
    va_list arguments;
    fputs("pgo-record: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* A number in range, or the end of the program. */
static const char *number_checked(const struct argp_state *state, const char *option,
                                  const char *text, double low, double high)
{
    char *end;
    double value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !(value >= low && value <= high))
        argp_error(state, "%s %s: a number from %g to %g is wanted", option, text, low, high);
    return text;
}

static const char *limit_in_bytes(const struct argp_state *state, const char *text)
{
    static char bytes[32];
    number_checked(state, "--limit", text, 0.25, 1024);
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

static error_t option_parse(int key, char *argument, struct argp_state *state)
{
    struct record_options *options = state->input;
    switch (key) {
    case 'o':
        options->pattern = argument;
        break;
    case 'F':
        options->rate = number_checked(state, "-F", argument, 1, 10000);
        break;
    case 'b':
        options->budget = number_checked(state, "--budget", argument, 0.01, 100);
        break;
    case 'B':
        options->branches = source_checked(state, argument);
        break;
    case 'w':
        options->window = strcmp(argument, "auto") == 0
                              ? argument
                              : number_checked(state, "--window", argument, 1, 256);
        break;
    case 's':
        options->stacks = strcmp(argument, "off") == 0
                              ? argument
                              : number_checked(state, "--stacks", argument, 0, 1000000);
        break;
    case 'l':
        options->limit = limit_in_bytes(state, argument);
        break;
    case 'p':
        options->processes = argument;
        break;
    case 'd':
        options->duration = number_checked(state, "--duration", argument, 0.001, 1e9);
        break;
    case 'f':
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
        if (!options->command && !options->processes)
            argp_error(state, "no command to record");
        else if (options->command && options->processes)
            argp_error(state, "-p and a command: one of them is wanted");
        else if (options->command && options->duration)
            argp_error(state, "--duration goes with -p");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* The recorded program may change its directory before it starts another one. */
static bool pattern_make_absolute(struct record_options *options)
{
    char directory[2048];
    size_t size = sizeof(options->absolute_pattern);
    int length;

    if (options->pattern[0] == '/' || strncmp(options->pattern, "%t/", 3) == 0)
        length = snprintf(options->absolute_pattern, size, "%s", options->pattern);
    else if (getcwd(directory, sizeof(directory)) && !strchr(directory, '%'))
        length = snprintf(options->absolute_pattern, size, "%s/%s", directory, options->pattern);
    else
        return false;
    return (size_t)length < 1024; /* what the shim takes */
}

/* Runs the command, preloaded or from outside.  Returns the status to pass on; *ran: it ran. */
static int command_record(const struct record_options *options, bool *ran)
{
    char program[4096], shim[4096];
    enum recording recording = target_check(options->command[0], program, sizeof(program));

    *ran = recording != RECORDING_REFUSED &&
           (recording == RECORDING_OUTSIDE || launch_find_shim(shim, sizeof(shim))) &&
           output_prepare(options);
    if (!*ran)
        return RECORD_STATUS_ENVIRONMENT;
    return recording == RECORDING_OUTSIDE ? outside_run(options, program)
                                          : launch_run(options, program, shim);
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        options_table, option_parse, "[--] COMMAND [ARGUMENT...]\n-p PID[,PID...]",
        documentation, NULL,         NULL,
        NULL};
    struct record_options options = {.pattern = "pgo-%p-%m.pgoraw"};
    struct timespec now;
    bool ran;
    int status;

    argp_err_exit_status = RECORD_STATUS_USAGE;
    argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options);
    if (!pattern_make_absolute(&options)) {
        record_say("-o %s: too long, or the directory's name has a %% in it", options.pattern);
        return RECORD_STATUS_USAGE;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    if (options.command) {
        status = command_record(&options, &ran);
    } else {
        status = output_prepare(&options) ? outside_attach(&options) : RECORD_STATUS_ENVIRONMENT;
        ran = status == 0;
    }
    if (ran && !options.quiet)
        summary_print(&options, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    return status;
}
