/* pgo-analyze report: where the time goes. */
#include "analyzer/verbs/report_json.h"
#include "analyzer/verbs/report_text.h"

#include <argp.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/base/output.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/model/profile/module_counts.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/html/page.h"
#include "include/pgoshim/raw.h"

enum { OPTION_CALLERS = 256, OPTION_SORT, OPTION_LIMIT, OPTION_HTML, OPTION_AFTER, OPTION_SOURCE };

#define SOURCE_DIRECTORIES 16
/* Of the hottest functions, how many are shown with their code. */
#define HTML_FUNCTIONS 12

struct report_options {
    struct verb_options shared;
    const char *callers; /* a function; NULL: none */
    enum function_order order;
    const char *html;  /* an output file; NULL: text or JSON */
    const char *after; /* a profile of the relinked program, or NULL */
    const char *source_directories[SOURCE_DIRECTORIES + 1];
    size_t source_directory_count;
    glob_t found; /* what is in the current directory, where no file was named */
};

static const char documentation[] =
    "Show where the time goes: the hottest functions, calls and branches.\v"
    "Without PROFILE, all *.pgoraw files in the current directory are reported on together. "
    "`self` is a function's share of all samples; `total`, with what it called: samples of a "
    "function that have no call stack go by those that have one.\n\n"
    "Examples:\n"
    "  pgo-analyze report app.pgoraw\n"
    "  pgo-analyze report --callers parse app.pgoraw  callers, callees\n"
    "  pgo-analyze report --sort total --limit 30 app.pgoraw\n"
    "  pgo-analyze report --module libcrypto.so.3 *.pgoraw\n"
    "  pgo-analyze report -b ./app app.pgoraw  it is not where it ran\n"
    "  pgo-analyze report --html app.html app.pgoraw\n"
    "  pgo-analyze report --json app.pgoraw | jq '.functions[0]'\n\n" VERBS_EXIT_STATUS;

static const struct argp_option own_options[] = {
    {"callers", OPTION_CALLERS, "FUNCTION", 0,
     "The callers and callees of one function, in place of the lists", 0},
    {"sort", OPTION_SORT, "KEY", 0, "Functions by self (the default), total or name", 0},
    {"limit", OPTION_LIMIT, "N", 0, "Lines of each list (default: 10); --top is the same", 0},
    {"html", OPTION_HTML, "FILE", 0, "Write one HTML page with pictures, which needs nothing else",
     0},
    {"after", OPTION_AFTER, "PROFILE", 0,
     "With --html: a profile of the relinked program, to compare where hot code lies", 0},
    {"source-dir", OPTION_SOURCE, "DIR", 0,
     "With --html: look for sources here too; may be given several times", 0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},
    {&option_module, 0, NULL, 0},
    {&option_top, 0, NULL, 0},
    {&option_debug_dir, 0, NULL, 0},
    {&option_json, 0, NULL, 0},
    {&option_no_demangle, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},
    {&option_verbose, 0, NULL, 0},
    {&option_force, 0, NULL, 0},
    {&option_profiles, 0, NULL, 0},
    {0},
};

static error_t take_order(struct report_options *options, const char *value)
{
    static const char *const names[] = {"self", "total", "name", NULL};
    static const enum function_order orders[] = {ORDER_BY_SELF, ORDER_BY_TOTAL, ORDER_BY_NAME};
    char subject[sizeof(options->shared.error.subject)];
    size_t used;
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(value, names[i]) == 0) {
            options->order = orders[i];
            return 0;
        }
    }
    option_unknown(subject, sizeof(subject), "sort key", value, names);
    used = strlen(subject);
    snprintf(subject + used, sizeof(subject) - used, "%s",
             subject[used - 1] == '?' ? " Keys are self, total and name"
                                      : "; keys are self, total and name");
    error_set(&options->shared.error, ERROR_USAGE, subject, NULL);
    return EINVAL;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct report_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        verb_options_share(state, children, &options->shared);
        return 0;
    case OPTION_CALLERS:
        options->callers = value;
        return 0;
    case OPTION_SORT:
        return take_order(options, value);
    case OPTION_HTML:
        options->html = value;
        return 0;
    case OPTION_AFTER:
        options->after = value;
        return 0;
    case OPTION_SOURCE:
        if (options->source_directory_count == SOURCE_DIRECTORIES)
            argp_error(state, "--source-dir is given more than %d times", SOURCE_DIRECTORIES);
        options->source_directories[options->source_directory_count++] = value;
        return 0;
    case ARGP_KEY_END:
        if (options->after && !options->html)
            argp_error(state, "--after is for --html");
        if (options->html && options->shared.module)
            argp_error(state, "--html shows all modules: --module is for the other outputs");
        return 0;
    case OPTION_LIMIT:
        options->shared.top = option_number(value, "--limit", 1, UINT32_MAX, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void add_counters(struct report *report)
{
    for (size_t i = 0; i < report->profile->recording_count; i++) {
        const struct recording *recording = &report->profile->recordings[i];
        for (size_t counter = 0; counter < PGORAW_MAX_COUNTERS; counter++)
            report->counters[counter] =
                count_add(report->counters[counter], recording->counters[counter]);
    }
}

/* CPU time that the samples stand for; the governor may have changed the period on the way. */
static void add_cpu_time(struct report *report)
{
    for (size_t i = 0; i < report->profile->recording_count; i++) {
        const struct recording *recording = &report->profile->recordings[i];
        report->cpu_time_ns = count_add(
            report->cpu_time_ns,
            count_multiply(recording->period_ns, recording->counters[PGORAW_COUNT_SAMPLES]));
    }
}

/* The module with the most samples or, without samples, branches, of those with a binary. */
static uint32_t module_to_judge(const struct report *report)
{
    uint32_t found = PROFILE_MODULE_NONE;
    uint64_t most = 0;
    if (report->module != PROFILE_MODULE_NONE)
        return report->module;
    for (uint32_t i = 0; i < report->profile->module_count; i++) {
        struct module_counts counts = profile_module_counts(report->profile, i);
        uint64_t known = counts.samples > counts.branches ? counts.samples : counts.branches;
        if (known > most && binaries_get(report->binaries, i)) {
            most = known;
            found = i;
        }
    }
    return found;
}

/* What cannot be judged is reported on all the same. */
static void judge(struct report *report, const char *path)
{
    struct error unused;
    report->judged = module_to_judge(report);
    struct quality_subject subject = {.profile = report->profile,
                                      .binary = binaries_get(report->binaries, report->judged),
                                      .module = report->judged,
                                      .path = path};
    report->has_quality = subject.binary && quality_judge(&report->quality, &subject, &unused);
}

static bool want(const struct report *report, struct location location, struct error *error)
{
    return source_places_want(report->places, location.module, location.address,
                              location.address + 1, error);
}

/* The places of all that will be shown. */
static bool want_places(const struct report *report, struct error *error)
{
    const struct hotspots *hotspots = &report->hotspots;
    size_t shown = 0;
    bool done = true;
    for (size_t i = 0; done && i < report->costs.count && shown < report->top; i++) {
        const struct function_cost *cost = &report->costs.items[report->order[i]];
        if (!cost->function || !report_wants(report, cost->module))
            continue;
        done = want(report, (struct location){cost->module, cost->function->address}, error);
        shown++;
    }
    for (size_t i = 0; done && i < hotspots->call_site_count && i < report->top; i++)
        done = want(report, hotspots->call_sites[i].location, error);
    for (size_t i = 0; done && i < hotspots->branch_count && i < report->top; i++)
        done = want(report, hotspots->branches[i].location, error);
    return done;
}

/* The callers and callees, and the function itself. */
static bool want_focus(const struct report *report, struct error *error)
{
    const struct function_costs *costs = &report->costs;
    bool done = true;
    for (size_t i = 0; done && i < costs->call_count; i++) {
        const struct function_call *call = &costs->calls[i];
        if (call->caller != report->focus && call->callee != report->focus)
            continue;
        const struct function_cost *both[] = {&costs->items[call->caller],
                                              &costs->items[call->callee]};
        for (size_t k = 0; done && k < 2; k++)
            done =
                !both[k]->function ||
                want(report, (struct location){both[k]->module, both[k]->function->address}, error);
    }
    const struct function_cost *focus = &costs->items[report->focus];
    return done && want(report, (struct location){focus->module, focus->function->address}, error);
}

static bool find(struct report *report, const struct report_options *options, struct error *error)
{
    const struct profile *profile = report->profile;
    report->has_focus = options->callers != NULL;
    return hotspots_find(&report->hotspots, profile, report->binaries, report->module, error) &&
           function_costs_find(&report->costs, profile, report->binaries, report->module, error) &&
           (report->order = function_costs_order(&report->costs, options->order, error)) &&
           (report->places = source_places_new(profile, report->binaries, error)) &&
           (!options->callers || (function_costs_named(&report->costs, options->callers,
                                                       report->module, &report->focus, error) &&
                                  want_focus(report, error))) &&
           want_places(report, error);
}

static bool produce_page(FILE *stream, void *page, struct error *error)
{
    return html_page_write(page, stream, error);
}

static struct profile *read_after(const char *path, struct error *error)
{
    struct inputs inputs = {0};
    struct profile *profile =
        inputs_add(&inputs, path, 1, error) ? inputs_read(&inputs, NULL, error) : NULL;
    inputs_free(&inputs);
    return profile;
}

static bool write_page(const struct report *report, const struct report_options *options,
                       struct error *error)
{
    struct profile *after = options->after ? read_after(options->after, error) : NULL;
    struct html_page page = {.profile = report->profile,
                             .binaries = report->binaries,
                             .costs = &report->costs,
                             .quality = report->has_quality ? &report->quality : NULL,
                             .judged = report->judged,
                             .cpu_time_ns = report->cpu_time_ns,
                             .texts = source_texts_new(options->source_directories, error),
                             .functions = HTML_FUNCTIONS,
                             .after = after,
                             .demangled = report->demangled};
    bool done = page.texts && (!options->after || after) &&
                output_write_file(options->html, options->shared.force, produce_page, &page, error);
    source_texts_free(page.texts);
    profile_free(after);
    return done;
}

static bool find_and_print(struct report *report, const struct report_options *options,
                           struct error *error)
{
    const struct verb_options *arguments = &options->shared;
    const struct profile *profile = report->profile;
    report->top = arguments->top;
    report->demangled = !arguments->is_mangled;
    report->is_verbose = message_verbosity() > 1;
    report->module = PROFILE_MODULE_NONE;
    add_counters(report);
    add_cpu_time(report);
    if (arguments->module &&
        !profile_find_module(profile, arguments->module, &report->module, error))
        return false;
    bool done = find(report, options, error);
    if (done) {
        judge(report, arguments->inputs.items[0].path);
        if (options->html)
            done = write_page(report, options, error);
        else
            done = (arguments->json ? report_print_json : report_print)(report, stdout, error);
    }
    if (report->has_quality)
        quality_free(&report->quality);
    source_places_free(report->places);
    function_costs_free(&report->costs);
    hotspots_free(&report->hotspots);
    free(report->order);
    return done;
}

/* `binary`: the one that was given, or NULL. */
static bool report_profile(const struct report_options *options, const struct profile *profile,
                           const struct binary *binary, struct error *error)
{
    struct report report = {.profile = profile};
    uint32_t module;

    if (!inputs_check_samples(&options->shared.inputs, profile, error) ||
        (binary && (!binary_find_module(binary, profile, &module, error) ||
                    !profile_check_addresses(profile, module, binary, error))) ||
        !(report.binaries = binaries_new(profile, error)))
        return false;
    if (binary)
        binaries_give(report.binaries, module, binary);
    bool done = find_and_print(&report, options, error);
    binaries_free(report.binaries);
    return done;
}

static bool report(const struct report_options *options, struct error *error)
{
    const struct verb_options *arguments = &options->shared;
    struct binary *binary = arguments->binary ? binary_open(arguments->binary, error) : NULL;
    if (arguments->binary && !binary)
        return false;
    struct profile *profile = inputs_read(&arguments->inputs, binary, error);
    bool done = profile && report_profile(options, profile, binary, error);
    profile_free(profile);
    binary_free(binary);
    return done;
}

int verb_report(int argc, char **argv)
{
    static const struct argp parser = {
        own_options, parse_option, "[PROFILE...]", documentation, children, NULL, NULL};
    struct report_options options = {.shared = {.top = 10, .least_top = 1}};
    struct error *error = &options.shared.error;
    int status = EXIT_STATUS_DONE;
    if (help_argp_parse(&parser, argc, argv, &options) != 0 ||
        !inputs_add_default(&options.shared.inputs, &options.found, error) ||
        !report(&options, error))
        status = verb_failed(error);
    inputs_free(&options.shared.inputs);
    globfree(&options.found);
    return status;
}
