#include <argp.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/help.h"
#include "analyzer/base/options.h"
#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/run_times.h"
#include "bolt-bridge/report/counts_table.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/report/table.h"
#include "bolt-bridge/verbs/compare_counts.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"
#include "bolt-bridge/verbs/workloads.h"

#define DEFAULT_PRECISION 0.01
#define DEFAULT_SECONDS 120
#define DEFAULT_MORE_INSTRUCTIONS 0.01

static const char documentation[] =
    "Measure program B against program A with the same ARGS: interleaved runs, the ratio of CPU "
    "times with its 95 % confidence interval, and whether both behave the same."
    "\vExamples:\n"
    "  pgo-bolt compare ./app ./app.bolt -- --typical input.dat\n"
    "  pgo-bolt compare --precision 0.5 --time 10m ./app ./app.bolt -- input.dat\n"
    "  pgo-bolt compare -w 'small:3=s.dat' -w 'big=-v b.dat <list' ./app ./app.bolt\n"
    "  pgo-bolt compare --counts --json ./app ./app.bolt -- input.dat\n"
    "  pgo-bolt compare --markdown --tolerate 2 ./app.main ./app.change -- input.dat\n"
    "  pgo-bolt compare -n 30 --stdin in.sql ./sqlite3 ./sqlite3.bolt -- test.db\n"
    "  pgo-bolt compare --load './bench.sh' --ready-port 8080 ./server ./server.bolt\n"
    "  pgo-bolt compare --shell 'gzip -6 <big >/dev/null' 'gzip -9 <big >/dev/null'\n\n"
    "Rounds are added until the interval is narrow enough or the time is up.  Both\n"
    "see A's name as argv[0] (--own-name: each its own).  A round runs A, B,\n"
    "and A again (--no-noise: not again), in changing order.\n\n"
    "Exit status: 0 B behaves the same and is not slower (with --require-faster: is\n"
    "faster), 1 it is slower or behaves differently, 2 wrong usage, 3 a file or the\n"
    "system does not allow it.";

enum {
    OPTION_NOISE = 256,
    OPTION_NO_NOISE,
    OPTION_SHELL,
    OPTION_OWN_NAME,
    OPTION_MARKDOWN,
    OPTION_COUNTS,
    OPTION_COUNTS_IF_UNCLEAR,
    OPTION_TOLERATE,
    OPTION_REQUIRE_FASTER
};

static const struct argp_option options[] = {
    {"pairs", OPTION_PAIRS, "PAIRS", 0,
     "Run exactly this number of pairs, 6 to 1000 (as many as it takes)", 0},
    {"precision", OPTION_PRECISION, "PERCENT", 0,
     "The interval is narrow enough at this much up and down (1), or at a quarter of the "
     "difference",
     0},
    {"time", OPTION_TIME, "TIME", 0, "Stop after that time: 90, 90s, 5m (2m)", 0},
    {"noise", OPTION_NOISE, NULL, 0, "Measure A against itself as well (the default)", 0},
    {"no-noise", OPTION_NO_NOISE, NULL, 0, "Do not measure A against itself", 0},
    {"counts", OPTION_COUNTS, "perf|valgrind", OPTION_ARG_OPTIONAL,
     "Count instructions and branches instead of timing: by the processor's counters (perf stat), "
     "or, "
     "where there are none, with valgrind, and cache misses with it",
     0},
    {"counts-if-unclear", OPTION_COUNTS_IF_UNCLEAR, NULL, 0,
     "Where times cannot tell, count with valgrind, and let a model of these counts decide", 0},
    {"tolerate", OPTION_TOLERATE, "PERCENT", 0,
     "How much slower B may be (0); with --counts: how many more instructions it may execute (1)",
     0},
    {"require-faster", OPTION_REQUIRE_FASTER, NULL, 0, "The answer is no unless B is faster", 0},
    {"shell", OPTION_SHELL, NULL, 0, "A and B are command lines for /bin/sh", 0},
    {"own-name", OPTION_OWN_NAME, NULL, 0, "Each sees its own path as argv[0]", 0},
    {"ignore", OPTION_IGNORE, "output|errors|both", 0,
     "Do not compare standard output, standard error, or both", 0},
    {"timeout", OPTION_TIMEOUT, "TIME", 0, "Give a run up after that time", 0},
    {"markdown", OPTION_MARKDOWN, NULL, 0, "Print the result as a table in Markdown", 0},
    {0},
};

struct compare_options {
    char *sides[MEASURE_C];
    size_t side_count;
    bool shell, own_name, counts, counts_if_unclear, require_faster;
    double tolerate; /* a fraction; below 0: not given */
    enum count_source counted_by;
    enum compare_output output;
    struct output_options printing;
    struct workload_options input;
    struct measure_request request;
};

static enum count_source parse_source(const char *argument, struct argp_state *state)
{
    const char *const names[] = {count_source_text(COUNTS_BY_PERF),
                                 count_source_text(COUNTS_BY_VALGRIND), NULL};

    if (!argument)
        return COUNTS_BY_WHAT_THERE_IS;
    return (enum count_source)(COUNTS_BY_PERF + options_word(argument, "--counts", names, state));
}

/* Options about measuring; false: it is none of them. */
static bool parse_measuring(int key, char *argument, struct measure_request *request,
                            struct argp_state *state)
{
    const struct measuring_options measuring = {&request->stopping, &request->stopping.seconds,
                                                &request->tolerance, &request->timeout};

    if (key != OPTION_NOISE && key != OPTION_NO_NOISE)
        return options_measuring(key, argument, &measuring, state);
    request->noise = key == OPTION_NOISE;
    return true;
}

static void check(struct compare_options *arguments, struct argp_state *state)
{
    if (arguments->side_count != MEASURE_C)
        argp_error(state, "which two programs?");
    if (arguments->shell && arguments->input.workloads.count)
        argp_error(state, "--shell: write the workload into the command lines");
    if (arguments->counts && arguments->require_faster)
        argp_error(state, "--counts takes no times: --require-faster has no meaning");
    if (arguments->counts && arguments->counts_if_unclear)
        argp_error(state, "either --counts or --counts-if-unclear");
    if (arguments->printing.json && arguments->output == COMPARE_MARKDOWN)
        argp_error(state, "either --json or --markdown");
    if (arguments->printing.json)
        arguments->output = COMPARE_JSON;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct compare_options *arguments = state->input;
    if (parse_measuring(key, argument, &arguments->request, state))
        return 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->input;
        state->child_inputs[1] = &arguments->printing;
        return 0;
    case OPTION_COUNTS:
        arguments->counts = true;
        arguments->counted_by = parse_source(argument, state);
        return 0;
    case OPTION_COUNTS_IF_UNCLEAR:
        arguments->counts_if_unclear = true;
        return 0;
    case OPTION_TOLERATE:
        arguments->tolerate = options_fraction(argument, "--tolerate", state);
        return 0;
    case OPTION_REQUIRE_FASTER:
        arguments->require_faster = true;
        return 0;
    case OPTION_SHELL:
        arguments->shell = true;
        return 0;
    case OPTION_OWN_NAME:
        arguments->own_name = true;
        return 0;
    case OPTION_MARKDOWN:
        arguments->output = COMPARE_MARKDOWN;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->side_count == MEASURE_C)
            argp_error(state, "'%s' is a third program; arguments for both stand behind --",
                       argument);
        else
            arguments->sides[arguments->side_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        check(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The finished command lines; the strings are borrowed. */
struct commands {
    char paths[MEASURE_C][PATH_MAX];
    struct measure_workload workloads[MEASURE_WORKLOADS];
};

static bool find_programs(struct compare_options *arguments, struct commands *commands,
                          struct error *error)
{
    for (size_t i = 0; i < MEASURE_C; i++) {
        if (arguments->shell)
            snprintf(commands->paths[i], PATH_MAX, "/bin/sh");
        else if (!options_find_binary(arguments->sides[i], commands->paths[i], error))
            return false;
    }
    return true;
}

static bool make_commands(struct compare_options *arguments, struct commands *commands,
                          struct error *error)
{
    const struct workloads *workloads = &arguments->input.workloads;

    if (!find_programs(arguments, commands, error))
        return false;
    for (size_t i = 0; i < workloads->count; i++) {
        workload_describe(workloads, i, &commands->workloads[i]);
        for (size_t side = 0; side < MEASURE_C; side++) {
            char *shell[] = {"sh", "-c", arguments->sides[side]};
            char *name[] = {commands->paths[arguments->own_name ? side : MEASURE_A]};
            commands->workloads[i].arguments[side] =
                workload_vector(&workloads->items[i], arguments->shell ? shell : name,
                                arguments->shell ? 3 : 1, error);
            if (!commands->workloads[i].arguments[side])
                return false;
        }
    }
    return true;
}

static void free_commands(struct commands *commands)
{
    for (size_t i = 0; i < MEASURE_WORKLOADS; i++)
        for (size_t side = 0; side < MEASURE_C; side++)
            free((void *)commands->workloads[i].arguments[side]);
}

/* Whether times say neither that B is faster nor that it is slower. */
static bool is_unclear(const struct measure_report *report)
{
    return report->same && report->all.cpu[MEASURE_B].verdict == PAIRED_NO_DIFFERENCE;
}

static json_t *both_json(const struct measure_request *request, const struct measure_report *report,
                         const char *const *files, const struct count_comparison *counted)
{
    json_t *root = table_json(request, report, files);

    if (root && report->same)
        json_object_set_new(root, "decided_by", json_string(counted ? "counts" : "time"));
    if (root && counted)
        json_object_set_new(root, "counted", counts_table_json(request, counted));
    return root;
}

static void print_counts(const struct measure_request *request,
                         const struct count_comparison *counted, enum compare_output output)
{
    char text[512];

    if (output == COMPARE_MARKDOWN)
        counts_table_markdown(request, counted);
    else
        counts_table_print(request, counted, table_letter(MEASURE_B));
    count_sentence(&counted->judgement, text, sizeof(text));
    printf("%stimes cannot tell; by counts B is %s: %s\n", output == COMPARE_MARKDOWN ? "" : "  ",
           counted->same ? count_verdict_text(counted->judgement.verdict) : "different", text);
}

static bool measure(const struct compare_options *arguments, const char *const *files, bool *good,
                    struct error *error)
{
    static struct measure_report report;
    static struct count_comparison counted;
    const struct measure_request *request = &arguments->request;

    if (!measure_run(request, &report, error))
        return false;
    bool counts = arguments->counts_if_unclear && is_unclear(&report);
    if (counts && !count_sides(request, MEASURE_B, COUNTS_BY_VALGRIND, &counted, error))
        return false;
    *good = run_times_accept(&report, arguments->require_faster, fmax(arguments->tolerate, 0));
    if (counts)
        *good =
            counted.same && (arguments->require_faster ? counted.judgement.verdict == COUNTS_BETTER
                                                       : counted.judgement.verdict != COUNTS_WORSE);
    if (arguments->output == COMPARE_JSON)
        return print_json(both_json(request, &report, files, counts ? &counted : NULL), error);
    if (arguments->output == COMPARE_MARKDOWN)
        table_markdown(request, &report, files);
    else
        table_print(request, &report, files);
    if (counts)
        print_counts(request, &counted, arguments->output);
    if (!report.same && arguments->output == COMPARE_TEXT)
        puts("  remedy: see what differs; --ignore where it may (times, addresses)");
    table_warn(request, &report);
    return true;
}

static bool compare(struct compare_options *arguments, struct commands *commands, bool *good,
                    struct error *error)
{
    struct measure_request *request = &arguments->request;
    const char *const files[MEASURE_C] = {commands->paths[MEASURE_A], commands->paths[MEASURE_B]};

    request->side_count = MEASURE_C;
    for (size_t i = 0; i < MEASURE_C; i++) {
        request->paths[i] = commands->paths[i];
        request->names[i] = arguments->sides[i];
    }
    request->workloads = commands->workloads;
    request->workload_count = arguments->input.workloads.count;
    request->progress = table_progress;
    if (!arguments->counts)
        return measure(arguments, arguments->shell ? NULL : files, good, error);
    double limit = arguments->tolerate < 0 ? DEFAULT_MORE_INSTRUCTIONS : arguments->tolerate;
    return compare_counts(request, arguments->counted_by, arguments->output, limit, good, error);
}

int verb_compare(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&workloads_argp, 0, "What is run:", 5}, {&output_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {options, parse, "A B [-- ARGS]", documentation, children,
                                     NULL,    NULL};
    static struct compare_options arguments;
    static struct commands commands;
    struct error error;
    char **rest;
    size_t rest_count;
    bool good = false;

    arguments.tolerate = -1;
    arguments.request.noise = true;
    arguments.request.stopping =
        (struct stopping_rule){.precision = DEFAULT_PRECISION, .seconds = DEFAULT_SECONDS};
    argc = options_split(argc, argv, &rest, &rest_count);
    help_argp_parse(&argp, argc, argv, &arguments);
    if (arguments.shell && rest_count) {
        error_set(&error, ERROR_USAGE, "--shell", "write the arguments into the command lines");
        return options_fail(&error);
    }
    if (arguments.request.timeout > 0)
        arguments.input.workloads.service.load_timeout = arguments.request.timeout;
    bool done = workloads_complete(&arguments.input, rest, rest_count, &error) &&
                make_commands(&arguments, &commands, &error) &&
                compare(&arguments, &commands, &good, &error);
    free_commands(&commands);
    workloads_free(&arguments.input);
    if (!done)
        return options_fail(&error);
    return good ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
}
