#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/base/text.h"
#include "bolt-bridge/cycle/report.h"
#include "bolt-bridge/cycle/run.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"
#include "bolt-bridge/verbs/workloads.h"

#define DEFAULT_ITERATIONS 6 /* as many as make an interval of the overhead */
#define DEFAULT_PRECISION 0.01
#define DEFAULT_SECONDS 120
#define DEFAULT_COUNT_SECONDS 600
#define QUICK_ITERATIONS 1
#define QUICK_PRECISION 0.02
#define QUICK_SECONDS 20
#define DEFAULT_MEMORY_LIMIT 0.10

static const char documentation[] =
    "Record BIN while it works, rebuild it with the profile where a build command is given, "
    "relink it with BOLT, test and compare it: OUT is only made where it behaves the same, is "
    "faster, and passes the release checklist."
    "\vExamples:\n"
    "  pgo-bolt cycle ./app -- --typical input.dat\n"
    "  pgo-bolt cycle ./app -w 'json:3=parse a' -w 'list=-l <names' --out-dir pgo\n"
    "  pgo-bolt cycle ./app --build 'make app' --test ./test --out-dir pgo -- input\n"
    "  pgo-bolt cycle ./server --load ./bench.sh --ready-port 8080 -- --port 8080\n"
    "  pgo-bolt cycle ./app --quick -- input.dat        a first look, in a minute\n"
    "  pgo-bolt cycle ./app --duration 30m --strict --test 'make check' -- input.dat\n"
    "  pgo-bolt cycle ./app --profile-only --profile-dir profiles -- input.dat\n"
    "  pgo-bolt cycle ./app -o app.fast --iterations 20 -F 1000 --stdin input.txt\n\n"
    "Recorded and plain runs alternate, so that the overhead of recording is seen;\n"
    "all recordings are merged.  With --out-dir (or --keep), everything made on the way\n"
    "stays in DIR, and a cycle that was interrupted goes on where it was when it is\n"
    "started again: stages whose inputs are unchanged are kept.  Tests see the new\n"
    "binary as $PGO_BINARY.\n\n"
    "Exit status: 0 OUT was made, or the profile with --profile-only; 1 it was not: no\n"
    "samples, not faster, different behaviour, or another failed check; 2 wrong usage,\n"
    "3 a file, tool or system does not allow it.";

enum {
    OPTION_ITERATIONS = 256,
    OPTION_KEEP,
    OPTION_FORCE,
    OPTION_BOLT,
    OPTION_BUDGET,
    OPTION_OUT_DIR,
    OPTION_PROFILE_DIR,
    OPTION_PROFILE_ONLY,
    OPTION_QUICK,
    OPTION_DURATION,
    OPTION_BUILD,
    OPTION_RESULT,
    OPTION_AS,
    OPTION_NO_BOLT,
    OPTION_TEST,
    OPTION_SIZE_LIMIT,
    OPTION_MEMORY_LIMIT,
    OPTION_ACCEPT_EQUAL,
    OPTION_STRICT,
    OPTION_COUNT_TIME,
    OPTION_MARKDOWN,
    OPTION_HTML
};

static const struct argp_option options[] = {
    {"output", 'o', "OUT", 0, "Where the new binary goes (BIN.bolt)", 0},
    {"out-dir", OPTION_OUT_DIR, "DIR", 0,
     "Where everything goes, OUT as well; goes on with what is there", 0},
    {"keep", OPTION_KEEP, "DIR", 0, "As --out-dir, but OUT stays beside BIN", 0},
    {"profile-dir", OPTION_PROFILE_DIR, "DIR", 0,
     "Archive the merged profile there, under the build-id of BIN", 0},
    {"force", OPTION_FORCE, NULL, 0, "Replace OUT, and the page of --html, where they exist", 0},
    {"markdown", OPTION_MARKDOWN, NULL, 0, "Print the result as tables in Markdown", 0},
    {"html", OPTION_HTML, "FILE", 0,
     "Write the result as one HTML page with pictures, which needs nothing else", 0},
    {NULL, 0, NULL, 0, "Recording:", 1},
    {"iterations", OPTION_ITERATIONS, "N", 0, "Recorded runs of each workload, 1 to 1000 (6)", 1},
    {"duration", OPTION_DURATION, "TIME", 0, "Record for that time instead: 90, 30s, 5m, 1h", 1},
    {"quick", OPTION_QUICK, NULL, 0, "One recorded run, and a rough comparison", 1},
    {"profile-only", OPTION_PROFILE_ONLY, NULL, 0, "Record and merge, and no more", 1},
    {"frequency", 'F', "HZ", 0, "Samples a second, for pgo-record", 1},
    {"budget", OPTION_BUDGET, "PERCENT", 0, "CPU time that sampling may cost, for pgo-record", 1},
    {"branches", 'B', "SOURCE", 0, "Where branches come from, for pgo-record", 1},
    {NULL, 0, NULL, 0, "Making the new binary:", 2},
    {"build", OPTION_BUILD, "COMMAND", 0,
     "Shell command that builds BIN: it is run with the profile, before BOLT", 2},
    {"result", OPTION_RESULT, "FILE", 0, "The file that it makes (BIN)", 2},
    {"as", OPTION_AS, "KIND", 0,
     "What the compiler gets, as for rebuild: sample (the default), lines, ir, or auto, which "
     "builds "
     "with each and counts the workloads, 30 to 100 times as long as they run",
     2},
    {"no-bolt", OPTION_NO_BOLT, NULL, 0, "Rebuild only", 2},
    {"bolt", OPTION_BOLT, "PATH", 0, "Which llvm-bolt (LLVM_BOLT, or the newest in PATH)", 2},
    {NULL, 0, NULL, 0, "Judging it:", 3},
    {"test", OPTION_TEST, "COMMAND", 0,
     "Shell command that succeeds where $PGO_BINARY works as it should", 3},
    {"pairs", OPTION_PAIRS, "PAIRS", 0, "Pairs of the comparison, 6 to 1000 (as many as it takes)",
     3},
    {"precision", OPTION_PRECISION, "PERCENT", 0, "As for compare (1)", 3},
    {"time", OPTION_TIME, "TIME", 0, "The comparison may take so long (2m)", 3},
    {"count-time", OPTION_COUNT_TIME, "TIME", 0,
     "Where times cannot tell, count instead if that takes no longer; 0: do not (10m)", 3},
    {"ignore", OPTION_IGNORE, "output|errors|both", 0,
     "Do not compare standard output, standard error, or both", 3},
    {"timeout", OPTION_TIMEOUT, "TIME", 0, "Give a run, or llvm-bolt, up after that time", 3},
    {"size-limit", OPTION_SIZE_LIMIT, "PERCENT", 0,
     "How much the file may grow (5 and 64 KiB; with BOLT 100 and 8 MiB)", 3},
    {"memory-limit", OPTION_MEMORY_LIMIT, "PERCENT", 0,
     "How much the peak of memory may grow, beside 4 MiB (10)", 3},
    {"accept-equal", OPTION_ACCEPT_EQUAL, NULL, 0, "Make OUT where it is not slower", 3},
    {"strict", OPTION_STRICT, NULL, 0, "What is weak in the checklist fails too", 3},
    {0},
};

struct cycle_options {
    char *binary;
    bool puts_output_in_directory, markdown;
    struct output_options printing;
    struct workload_options input;
    struct cycle_request request;
};

static void set_quick(struct cycle_request *request)
{
    request->iterations = QUICK_ITERATIONS;
    request->comparing.precision = QUICK_PRECISION;
    request->comparing.seconds = QUICK_SECONDS;
    request->count_seconds = 0;
}

/* Options about making and judging; false: it is none of them. */
static bool parse_making(int key, char *argument, struct cycle_request *request,
                         struct argp_state *state)
{
    const struct measuring_options measuring = {&request->comparing, &request->comparing.seconds,
                                                &request->tolerance, &request->timeout};

    switch (key) {
    case OPTION_BUILD:
        request->build_command = argument;
        return true;
    case OPTION_RESULT:
        request->build_result = argument;
        return true;
    case OPTION_AS:
        request->build_kind = options_rebuild_kind(argument, &request->build_chooses, state);
        return true;
    case OPTION_NO_BOLT:
        request->without_bolt = true;
        return true;
    case OPTION_BOLT:
        request->bolt = argument;
        return true;
    case OPTION_TEST:
        request->test_command = argument;
        return true;
    case OPTION_COUNT_TIME:
        request->count_seconds =
            strcmp(argument, "0") == 0 ? 0 : option_duration(argument, "--count-time", state);
        return true;
    case OPTION_SIZE_LIMIT:
        request->size_limit = options_fraction(argument, "--size-limit", state);
        return true;
    case OPTION_MEMORY_LIMIT:
        request->memory_limit = options_fraction(argument, "--memory-limit", state);
        return true;
    case OPTION_ACCEPT_EQUAL:
        request->accept_equal = true;
        return true;
    case OPTION_STRICT:
        request->strict = true;
        return true;
    default:
        return options_measuring(key, argument, &measuring, state);
    }
}

/* Options about recording; false: it is none of them. */
static bool parse_recording(int key, char *argument, struct cycle_request *request,
                            struct argp_state *state)
{
    switch (key) {
    case OPTION_ITERATIONS:
        request->iterations =
            (unsigned)option_number(argument, "--iterations", 1, PAIRED_MAXIMUM, state);
        return true;
    case OPTION_DURATION:
        request->duration = option_duration(argument, "--duration", state);
        request->iterations = 0;
        return true;
    case OPTION_QUICK:
        set_quick(request);
        return true;
    case OPTION_PROFILE_ONLY:
        request->profile_only = true;
        return true;
    case OPTION_PROFILE_DIR:
        request->profiles = argument;
        return true;
    case 'F':
        option_number(argument, "-F", 1, 1000000, state);
        request->recorder.rate = argument;
        return true;
    case OPTION_BUDGET:
        request->recorder.budget = argument;
        return true;
    case 'B':
        request->recorder.branches = argument;
        return true;
    default:
        return false;
    }
}

static void check(const struct cycle_options *arguments, struct argp_state *state)
{
    const struct cycle_request *request = &arguments->request;

    if (!arguments->binary)
        argp_error(state, "which program?");
    if (request->build_result && !request->build_command)
        argp_error(state, "--result is what --build makes");
    if ((request->build_kind != REBUILD_SAMPLES || request->build_chooses) &&
        !request->build_command)
        argp_error(state, "--as is what the compilers of --build get");
    if (request->without_bolt && !request->build_command && !request->profile_only)
        argp_error(state, "without BOLT and without --build there is nothing to be made");
    if (arguments->printing.json && arguments->markdown)
        argp_error(state, "either --json or --markdown");
    if (request->page && request->output && strcmp(request->page, request->output) == 0)
        argp_error(state, "--html and --output name the same file");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct cycle_options *arguments = state->input;
    struct cycle_request *request = &arguments->request;
    if (parse_making(key, argument, request, state) ||
        parse_recording(key, argument, request, state))
        return 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->input;
        state->child_inputs[1] = &arguments->printing;
        return 0;
    case 'o':
        request->output = argument;
        return 0;
    case OPTION_OUT_DIR:
        request->directory = argument;
        arguments->puts_output_in_directory = true;
        return 0;
    case OPTION_KEEP:
        request->directory = argument;
        return 0;
    case OPTION_FORCE:
        request->force = true;
        return 0;
    case OPTION_MARKDOWN:
        arguments->markdown = true;
        return 0;
    case OPTION_HTML:
        if (strcmp(argument, "-") == 0)
            argp_error(state, "--html takes the name of a file: standard output has the result");
        request->page = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->binary)
            argp_error(state, "'%s' is a second program; arguments for it stand behind --",
                       argument);
        arguments->binary = argument;
        return 0;
    case ARGP_KEY_END:
        check(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Where the new binary goes if the user does not say it. */
static void choose_output(const struct cycle_options *arguments, char *path, size_t size)
{
    if (arguments->puts_output_in_directory)
        snprintf(path, size, "%s/%s.bolt", arguments->request.directory,
                 text_file_name(arguments->binary));
    else
        snprintf(path, size, "%s.bolt", arguments->binary);
}

static bool run(struct cycle_options *arguments, struct cycle *cycle, struct checklist *checklist,
                struct error *error)
{
    static char binary[PATH_MAX], fallback[2 * PATH_MAX];
    struct cycle_request *request = &arguments->request;

    if (!options_find_binary(arguments->binary, binary, error))
        return false;
    request->name = arguments->binary;
    request->binary = binary;
    choose_output(arguments, fallback, sizeof(fallback));
    if (!request->output)
        request->output = fallback;
    request->quiet = arguments->printing.json || arguments->markdown;
    request->workloads = &arguments->input.workloads;
    /* OUT's directory may be the one that is made now. */
    if (arguments->puts_output_in_directory && !file_make_directory(request->directory, error))
        return false;
    if (!cycle_run(cycle, request, checklist, error))
        return false;
    if (arguments->printing.json)
        return report_print_json(cycle, checklist, error);
    if (arguments->markdown)
        report_print_markdown(cycle, checklist);
    return true;
}

int verb_cycle(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&workloads_argp, 0, "What is run:", 4}, {&output_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {options, parse, "BIN [-- ARGS]", documentation, children,
                                     NULL,    NULL};
    static struct cycle_options arguments;
    static struct cycle cycle;
    static struct checklist checklist;
    struct error error;
    char **rest;
    size_t rest_count;

    arguments.request = (struct cycle_request){
        .iterations = DEFAULT_ITERATIONS,
        .comparing = {.precision = DEFAULT_PRECISION, .seconds = DEFAULT_SECONDS},
        .count_seconds = DEFAULT_COUNT_SECONDS,
        .size_limit = -1,
        .memory_limit = DEFAULT_MEMORY_LIMIT};
    argc = options_split(argc, argv, &rest, &rest_count);
    help_argp_parse(&argp, argc, argv, &arguments);
    if (arguments.request.timeout > 0)
        arguments.input.workloads.service.load_timeout = arguments.request.timeout;
    bool done = workloads_complete(&arguments.input, rest, rest_count, &error) &&
                run(&arguments, &cycle, &checklist, &error);
    cycle_free(&cycle);
    workloads_free(&arguments.input);
    if (!done) {
        options_fail(&error);
        return cycle.unstable ? EXIT_STATUS_NO : (int)error_exit_status(error.code);
    }
    return cycle.accepted ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
}
