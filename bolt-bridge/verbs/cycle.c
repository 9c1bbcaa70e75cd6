#include <argp.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/model/binaries.h"
#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/recorder.h"
#include "bolt-bridge/toolchain/relink.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/table.h"
#include "bolt-bridge/verbs/verbs.h"

#define DEFAULT_PAIRS 15
#define DEFAULT_ITERATIONS 6 /* as many as make an interval of the overhead */

static const char documentation[] =
    "Record BIN while it works, relink it with BOLT, and compare: OUT is only made where it "
    "behaves the same and is not slower."
    "\vExamples:\n"
    "  pgo-bolt cycle ./app -- --typical input.dat\n"
    "  pgo-bolt cycle ./app -o app.fast --iterations 20 -F 1000 --stdin input.txt\n"
    "  pgo-bolt cycle ./app --keep profiles/ -- --typical input.dat\n\n"
    "Recorded and plain runs alternate, so that the overhead of recording is seen;\n"
    "all recordings are merged.  With --keep, the recordings, the fdata file,\n"
    "llvm-bolt's words and a rejected binary stay in DIR.\n\n"
    "Exit status: 0 OUT was made, 1 it was not: no samples, slower, or different\n"
    "behaviour, 2 wrong usage, 3 a file, tool or system does not allow it.";

enum {
    OPTION_ITERATIONS = 256,
    OPTION_KEEP,
    OPTION_STDIN,
    OPTION_FORCE,
    OPTION_BOLT,
    OPTION_BUDGET,
    OPTION_IGNORE,
    OPTION_TIMEOUT
};

static const struct argp_option options[] = {
    {"output", 'o', "OUT", 0, "Where the new binary goes (BIN.bolt)", 0},
    {"force", OPTION_FORCE, NULL, 0, "Replace OUT where it exists", 0},
    {"iterations", OPTION_ITERATIONS, "N", 0, "Recorded runs, 1 to 1000 (6)", 0},
    {"frequency", 'F', "HZ", 0, "Samples a second, for pgo-record", 0},
    {"budget", OPTION_BUDGET, "PERCENT", 0, "CPU time that sampling may cost, for pgo-record", 0},
    {"branches", 'B', "SOURCE", 0, "Where branches come from, for pgo-record", 0},
    {"pairs", 'n', "PAIRS", 0, "Pairs of the final comparison, 6 to 1000 (15)", 0},
    {"stdin", OPTION_STDIN, "FILE", 0, "Standard input of every run (/dev/null)", 0},
    {"ignore", OPTION_IGNORE, "output|errors|both", 0,
     "Do not compare standard output, standard error, or both", 0},
    {"bolt", OPTION_BOLT, "PATH", 0, "Which llvm-bolt (LLVM_BOLT, or the newest in PATH)", 0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "Give a run, or llvm-bolt, up after that time", 0},
    {"keep", OPTION_KEEP, "DIR", 0, "Keep what was made on the way there", 0},
    {"json", 'j', NULL, 0, "Print the result as JSON", 0},
    {0},
};

struct arguments {
    char *binary;
    const char *output, *keep, *input_file;
    bool force, json;
    size_t iterations, pairs;
    struct recorder_settings recorder;
    struct relink_request relink;
    struct measure_request measure; /* what both phases have in common */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case OPTION_FORCE:
        arguments->force = true;
        return 0;
    case OPTION_ITERATIONS:
        arguments->iterations = options_count(argument, "--iterations", 1, PAIRED_MAXIMUM, state);
        return 0;
    case 'F':
        options_count(argument, "-F", 1, 1000000, state);
        arguments->recorder.rate = argument;
        return 0;
    case OPTION_BUDGET:
        arguments->recorder.budget = argument;
        return 0;
    case 'B':
        arguments->recorder.branches = argument;
        return 0;
    case 'n':
        arguments->pairs = options_count(argument, "-n", PAIRED_MINIMUM, PAIRED_MAXIMUM, state);
        return 0;
    case OPTION_STDIN:
        arguments->input_file = argument;
        return 0;
    case OPTION_IGNORE:
        options_ignore(argument, &arguments->measure.tolerance, state);
        return 0;
    case OPTION_BOLT:
        arguments->relink.bolt = argument;
        return 0;
    case OPTION_TIMEOUT:
        arguments->measure.timeout = options_seconds(argument, "--timeout", state);
        arguments->relink.timeout = arguments->measure.timeout;
        return 0;
    case OPTION_KEEP:
        arguments->keep = argument;
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->binary)
            argp_error(state, "'%s' is a second program; arguments for it stand behind --",
                       argument);
        arguments->binary = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->binary)
            argp_error(state, "which program?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What the merged recordings hold. */
struct summary {
    size_t recordings;
    uint64_t samples;      /* in all modules */
    uint64_t own_samples;  /* in the binary */
    uint64_t own_branches; /* taken, from the binary */
    const char *why;       /* pgo-record's words on how it recorded; lives with the profile */
};

struct cycle {
    struct arguments *arguments;
    char binary[PATH_MAX];
    char recorder[PATH_MAX];
    char directory[PATH_MAX]; /* for what is made on the way */
    char pattern[PATH_MAX + 32];
    char **command; /* BIN ARGS, and the same under pgo-record */
    char **recorded_command;
    struct temporary_output output;
    struct measure_report recording, comparison;
    struct summary summary;
    struct relink_result relink;
    bool accepted;
    const char *reason; /* why not */
};

static bool find_directory(struct cycle *cycle, struct error *error)
{
    char probe[PATH_MAX];

    if (cycle->arguments->keep) {
        if (mkdir(cycle->arguments->keep, 0777) != 0 && errno != EEXIST) {
            error_set_errno(error, ERROR_WRITE, cycle->arguments->keep);
            return false;
        }
        if (!realpath(cycle->arguments->keep, cycle->directory) ||
            access(cycle->directory, W_OK | X_OK) != 0) {
            error_set_errno(error, ERROR_WRITE, cycle->arguments->keep);
            return false;
        }
    } else {
        if (!temporary_path("", probe, error))
            return false;
        if (!realpath(probe, cycle->directory)) {
            error_set_errno(error, ERROR_WRITE, probe);
            return false;
        }
    }
    if (strchr(cycle->directory, '%')) {
        error_set(error, ERROR_WRITE, cycle->directory,
                  "pgo-record takes the %% in its name for a pattern");
        return false;
    }
    /* Our own number keeps the recordings of two cycles in one directory apart. */
    snprintf(cycle->pattern, sizeof(cycle->pattern), "%s/recording-%d-%%p.pgoraw", cycle->directory,
             (int)getpid());
    return true;
}

static bool prepare(struct cycle *cycle, char **rest, size_t rest_count, struct error *error)
{
    struct arguments *arguments = cycle->arguments;
    struct bolt bolt;

    /* Everything that can be refused is refused before any time is spent. */
    if (!options_find_binary(arguments->binary, cycle->binary, error))
        return false;
    arguments->relink.binary = cycle->binary;
    if (!relink_check(&arguments->relink, error) || !recorder_find(cycle->recorder, error) ||
        !bolt_find(arguments->relink.bolt, &bolt, error) || !find_directory(cycle, error))
        return false;
    cycle->command = calloc(rest_count + 2, sizeof(*cycle->command));
    if (!cycle->command)
        return memory_exhausted(error);
    cycle->command[0] = cycle->binary;
    memcpy(cycle->command + 1, rest, rest_count * sizeof(*rest));
    arguments->recorder.pattern = cycle->pattern;
    cycle->recorded_command = recorder_arguments(cycle->recorder, &arguments->recorder,
                                                 cycle->command, rest_count + 1, error);
    return cycle->recorded_command != NULL;
}

static bool record(struct cycle *cycle, struct error *error)
{
    struct measure_request request = cycle->arguments->measure;
    const struct measure_workload workload = {
        .weight = 1,
        .arguments = {cycle->command, cycle->recorded_command},
        .input_file = cycle->arguments->input_file,
    };

    request.side_count = 2;
    request.workloads = &workload;
    request.workload_count = 1;
    request.paths[MEASURE_A] = cycle->binary;
    request.names[MEASURE_A] = cycle->arguments->binary;
    request.paths[MEASURE_B] = cycle->recorder;
    request.names[MEASURE_B] = "the recorded run";
    request.stopping.pairs = cycle->arguments->iterations;
    request.progress = table_progress;
    return measure_run(&request, &cycle->recording, error);
}

static bool summarise(struct cycle *cycle, const struct profile *profile, struct error *error)
{
    struct summary *summary = &cycle->summary;
    uint32_t module;

    summary->recordings = profile->recording_count;
    summary->samples = profile_samples(profile);
    struct binary *binary = binary_open(cycle->binary, error);
    if (!binary)
        return false;
    bool found = binary_find_module(binary, profile, &module, error);
    binary_free(binary);
    if (!found)
        return false;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE && trace->to.module == module)
            summary->own_samples = count_add(summary->own_samples, trace->count);
        else if (trace->from.module == module)
            summary->own_branches = count_add(summary->own_branches, trace->count);
    }
    if (summary->own_samples)
        return true;
    error_set(error, ERROR_NO_SAMPLES, cycle->arguments->binary,
              summary->samples ? "all its samples are in its libraries"
                               : "it used too little CPU time while it was recorded");
    return false;
}

static bool relink(struct cycle *cycle, struct error *error)
{
    struct relink_request *request = &cycle->arguments->relink;
    char wildcard[PATH_MAX + 32];
    glob_t found;

    snprintf(wildcard, sizeof(wildcard), "%s/recording-%d-*.pgoraw", cycle->directory,
             (int)getpid());
    if (glob(wildcard, GLOB_NOESCAPE, NULL, &found) != 0) {
        error_set(error, ERROR_NO_SAMPLES, cycle->arguments->binary, "no recording was written");
        return false;
    }
    request->profiles = found.gl_pathv;
    request->profile_count = found.gl_pathc;
    request->log_directory = cycle->arguments->keep ? cycle->directory : NULL;
    struct profile *profile = relink_read_profiles(found.gl_pathv, found.gl_pathc, error);
    bool done = profile && summarise(cycle, profile, error);
    profile_free(profile);
    done = done && relink_write(request, cycle->output.path, &cycle->relink, error);
    globfree(&found);
    return done;
}

static bool compare(struct cycle *cycle, struct error *error)
{
    struct measure_request request = cycle->arguments->measure;
    const struct measure_workload workload = {
        .weight = 1,
        .arguments = {cycle->command, cycle->command},
        .input_file = cycle->arguments->input_file,
    };

    request.side_count = 2;
    request.workloads = &workload;
    request.workload_count = 1;
    request.paths[MEASURE_A] = cycle->binary;
    request.paths[MEASURE_B] = cycle->output.path;
    request.names[MEASURE_A] = cycle->arguments->binary;
    request.names[MEASURE_B] = cycle->output.final_path;
    request.stopping.pairs = cycle->arguments->pairs;
    request.noise = true;
    request.progress = table_progress;
    const char *const files[MEASURE_SIDES] = {cycle->binary, cycle->output.path};
    if (!measure_run(&request, &cycle->comparison, error))
        return false;
    if (!cycle->arguments->json)
        table_print(&request, &cycle->comparison, files);
    table_warn(&request, &cycle->comparison);
    cycle->accepted =
        cycle->comparison.same && cycle->comparison.all.cpu[MEASURE_B].verdict != PAIRED_SLOWER;
    if (!cycle->accepted)
        cycle->reason = cycle->comparison.same ? "it is slower" : "it behaves differently";
    return true;
}

static void print_recording(const struct cycle *cycle)
{
    const struct measure_row *overhead = &cycle->recording.all.cpu[MEASURE_B];
    const struct summary *summary = &cycle->summary;

    printf("recording: %zu files, %llu samples, %llu of them and %llu taken branches in %s\n",
           summary->recordings, (unsigned long long)summary->samples,
           (unsigned long long)summary->own_samples, (unsigned long long)summary->own_branches,
           cycle->arguments->binary);
    printf("  overhead: CPU time %.4f of plain", overhead->interval.ratio);
    if (overhead->has_interval)
        printf(", 95 %% interval %.4f ... %.4f", overhead->interval.low, overhead->interval.high);
    printf(" (%zu pairs)\n", cycle->arguments->iterations);
}

static void print_relinking(const struct cycle *cycle)
{
    const struct bolt_outcome *outcome = &cycle->relink.outcome;

    printf("relinking: llvm-bolt %s, %llu of %llu functions have a profile",
           cycle->relink.bolt.version, (unsigned long long)outcome->profiled_functions,
           (unsigned long long)outcome->all_functions);
    if (outcome->branches_told && outcome->taken_before)
        printf(", taken branches %+.1f %% by the profile",
               100 * ((double)outcome->taken_after / (double)outcome->taken_before - 1));
    putchar('\n');
}

static bool print_json(const struct cycle *cycle, struct error *error)
{
    const struct arguments *arguments = cycle->arguments;
    const struct measure_request names = {.side_count = 2,
                                          .workload_count = 1,
                                          .names = {arguments->binary, cycle->output.final_path},
                                          .noise = true};
    const struct measure_request recorded = {
        .side_count = 2, .workload_count = 1, .names = {arguments->binary, "recorded"}};
    json_t *root = json_pack(
        "{s:b, s:s*, s:s, s:{s:I, s:I, s:I, s:I}, s:o, s:{s:s, s:I, s:I}, s:o}", "accepted",
        cycle->accepted, "reason", cycle->reason, "output", cycle->output.final_path, "recording",
        "files", (json_int_t)cycle->summary.recordings, "samples",
        (json_int_t)cycle->summary.samples, "own_samples", (json_int_t)cycle->summary.own_samples,
        "own_branches", (json_int_t)cycle->summary.own_branches, "overhead",
        table_json(&recorded, &cycle->recording, NULL), "relinking", "llvm_bolt",
        cycle->relink.bolt.version, "profiled_functions",
        (json_int_t)cycle->relink.outcome.profiled_functions, "functions",
        (json_int_t)cycle->relink.outcome.all_functions, "comparison",
        table_json(&names, &cycle->comparison, NULL));
    bool done = root && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0;

    putchar('\n');
    json_decref(root);
    if (!done)
        error_set(error, ERROR_WRITE, "standard output", NULL);
    return done;
}

/* The new binary gets its name, or goes where it can be looked at, or goes. */
static bool conclude(struct cycle *cycle, struct error *error)
{
    const char *final_path = cycle->output.final_path;
    char rejected[2 * PATH_MAX + 16];

    if (cycle->accepted) {
        if (!temporary_output_commit(&cycle->output, cycle->arguments->force, error))
            return false;
        if (!cycle->arguments->json)
            printf("%s: made\n", final_path);
        return true;
    }
    if (cycle->arguments->keep && cycle->output.path[0]) {
        const char *name = strrchr(final_path, '/');
        snprintf(rejected, sizeof(rejected), "%s/%s.rejected", cycle->directory,
                 name ? name + 1 : final_path);
        if (!temporary_output_divert(&cycle->output, rejected, error))
            return false;
    } else {
        temporary_output_discard(&cycle->output);
    }
    if (!cycle->arguments->json)
        printf("%s: not made, %s%s%s\n", final_path, cycle->reason,
               cycle->arguments->keep ? "; it is kept in " : "",
               cycle->arguments->keep ? cycle->directory : "");
    return true;
}

/* From recording to verdict.  The output is open; the caller closes it. */
static bool run(struct cycle *cycle, struct error *error)
{
    bool show = !cycle->arguments->json;

    if (!record(cycle, error))
        return false;
    if (!cycle->recording.same) {
        error_set(error, ERROR_WORKLOAD_FAILED, cycle->arguments->binary,
                  "it cannot be compared: %s", cycle->recording.difference);
        return false;
    }
    if (!relink(cycle, error))
        return false;
    if (show) {
        print_recording(cycle);
        print_relinking(cycle);
    }
    return compare(cycle, error) && conclude(cycle, error) && (show || print_json(cycle, error));
}

int verb_cycle(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "BIN [-- ARGS]", documentation, NULL,
                                     NULL,    NULL};
    struct arguments arguments = {.iterations = DEFAULT_ITERATIONS, .pairs = DEFAULT_PAIRS};
    static struct cycle cycle;
    char fallback[PATH_MAX];
    struct error error;
    char **rest;
    size_t rest_count;

    argc = options_split(argc, argv, &rest, &rest_count);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    cycle.arguments = &arguments;
    snprintf(fallback, sizeof(fallback), "%s.bolt", arguments.binary);
    const char *output = arguments.output ? arguments.output : fallback;
    bool done = prepare(&cycle, rest, rest_count, &error) &&
                relink_check_output(cycle.binary, output, &error) &&
                temporary_output_open(&cycle.output, output, arguments.force, &error) &&
                run(&cycle, &error);
    temporary_output_discard(&cycle.output);
    free(cycle.command);
    free(cycle.recorded_command);
    if (!done) {
        options_fail(&error);
        return error.code == ERROR_WORKLOAD_FAILED && cycle.recording.difference[0]
                   ? EXIT_STATUS_NO
                   : (int)error_exit_status(error.code);
    }
    return cycle.accepted ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
}
