#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/help.h"
#include "analyzer/base/options.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/tune/report.h"
#include "bolt-bridge/tune/run.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"
#include "bolt-bridge/verbs/workloads.h"

#define DEFAULT_SECONDS 1800
#define COMPARING_SECONDS 60
#define COMPARING_PRECISION 0.01

static const char documentation[] =
    "Search the options of llvm-bolt that lay BIN out best for its workloads, judged by counts, "
    "and relink it with them. The default options are kept where nothing beats them."
    "\vExamples:\n"
    "  pgo-bolt tune ./app -p app.pgoraw -- small-input\n"
    "  pgo-bolt tune ./app -p app.pgoraw --hold-out other-input -- small-input\n"
    "  pgo-bolt tune ./app -p app.pgoraw --time 2h --out-dir tuned -w 'a=x' -w 'b=y'\n\n"
    "Every layout runs under valgrind, 30 to 100 times as long as by itself: give small\n"
    "workloads that do what production does, and one or two that are held out, with which\n"
    "the winner has to be as good. With --out-dir a search that was interrupted goes on\n"
    "where it was, and what is known is not counted again.\n\n"
    "Exit status: 0 OUT was made, with the default options where nothing beats them;\n"
    "1 the profile has no samples of BIN, 2 wrong usage, 3 a file, tool or system does\n"
    "not allow it, or the default layout does not do the same as BIN.";

enum { OPTION_FDATA = 256, OPTION_FORCE, OPTION_BOLT, OPTION_OUT_DIR, OPTION_HOLD_OUT };

static const struct argp_option options[] = {
    {"profile", 'p', "RAW", 0, "Recorded profiles", 0},
    {"fdata", OPTION_FDATA, "FILE", 0, "Or a profile that llvm-bolt reads", 0},
    {"output", 'o', "OUT", 0, "Where the new binary goes (BIN.tuned)", 0},
    {"force", OPTION_FORCE, NULL, 0, "Replace OUT where it exists", 0},
    {"out-dir", OPTION_OUT_DIR, "DIR", 0, "Keep there what is known, and go on with it", 0},
    {"time", OPTION_TIME, "TIME", 0, "The search may take so long: 90s, 30m, 2h (30m)", 0},
    {"hold-out", OPTION_HOLD_OUT, "ARGS", 0,
     "A workload that is not tuned for: the winner may not lose there. As -w, may be given "
     "several times",
     0},
    {"pairs", OPTION_PAIRS, "PAIRS", 0,
     "Pairs of the winner's comparison with the default, 6 to 1000 (as many as a minute has)", 0},
    {"ignore", OPTION_IGNORE, "output|errors|both", 0,
     "Do not compare standard output, standard error, or both", 0},
    {"bolt", OPTION_BOLT, "PATH", 0, "Which llvm-bolt (LLVM_BOLT, or the newest in PATH)", 0},
    {0},
};

struct tune_options {
    char *binary;
    struct file_list profiles;
    bool in_profiles; /* arguments are further profiles */
    struct output_options printing;
    struct workload_options input, held_out;
    struct tune_request request;
};

static void check(const struct tune_options *arguments, struct argp_state *state)
{
    if (!arguments->binary)
        argp_error(state, "which program?");
    if (!arguments->profiles.count && !arguments->request.fdata)
        argp_error(state, "by which profile? Give -p RAW or --fdata FILE");
    if (arguments->profiles.count && arguments->request.fdata)
        argp_error(state, "either -p or --fdata");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct tune_options *arguments = state->input;
    struct tune_request *request = &arguments->request;
    const struct measuring_options measuring = {&request->comparing, &request->seconds,
                                                &request->tolerance, NULL};

    if (options_measuring(key, argument, &measuring, state))
        return 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->input;
        state->child_inputs[1] = &arguments->printing;
        return 0;
    case 'p':
        options_add_file(&arguments->profiles, argument, state);
        arguments->in_profiles = true;
        return 0;
    case OPTION_FDATA:
        request->fdata = argument;
        return 0;
    case 'o':
        request->output = argument;
        return 0;
    case OPTION_FORCE:
        request->force = true;
        return 0;
    case OPTION_BOLT:
        request->bolt = argument;
        return 0;
    case OPTION_OUT_DIR:
        request->directory = argument;
        return 0;
    case OPTION_HOLD_OUT:
        workloads_add(&arguments->held_out, argument, "--hold-out", state);
        return 0;
    case ARGP_KEY_ARG:
        if (!arguments->binary)
            arguments->binary = argument;
        else if (arguments->in_profiles)
            options_add_file(&arguments->profiles, argument, state);
        else
            argp_error(state, "'%s' is a second program; arguments for it stand behind --",
                       argument);
        return 0;
    case ARGP_KEY_END:
        check(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool run(struct tune_options *arguments, struct tune *tune, struct error *error)
{
    static char binary[PATH_MAX], fallback[PATH_MAX + 8];
    struct tune_request *request = &arguments->request;

    if (!options_find_binary(arguments->binary, binary, error))
        return false;
    request->name = arguments->binary;
    request->binary = binary;
    snprintf(fallback, sizeof(fallback), "%s.tuned", arguments->binary);
    if (!request->output)
        request->output = fallback;
    request->profiles = arguments->profiles.files;
    request->profile_count = arguments->profiles.count;
    request->workloads = &arguments->input.workloads;
    request->held_out = &arguments->held_out.workloads;
    if (!tune_run(tune, request, error))
        return false;
    if (arguments->printing.json)
        return print_json(tune_report_json(tune), error);
    tune_report_print(tune);
    return true;
}

int verb_tune(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&workloads_argp, 0, "What is run:", 4}, {&output_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options, parse, "BIN -p RAW... [-- ARGS]", documentation, children, NULL, NULL};
    static struct tune_options arguments;
    static struct tune tune;
    struct error error;
    char **rest;
    size_t rest_count;

    arguments.request = (struct tune_request){
        .seconds = DEFAULT_SECONDS,
        .comparing = {.precision = COMPARING_PRECISION, .seconds = COMPARING_SECONDS}};
    argc = options_split(argc, argv, &rest, &rest_count);
    help_argp_parse(&argp, argc, argv, &arguments);
    bool done = workloads_complete(&arguments.input, rest, rest_count, &error) &&
                run(&arguments, &tune, &error);
    tune_free(&tune);
    workloads_free(&arguments.input);
    workloads_free(&arguments.held_out);
    free((void *)arguments.profiles.files);
    return done ? EXIT_STATUS_DONE : options_fail(&error);
}
