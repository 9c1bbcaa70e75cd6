/* pgo-analyze report: where the time goes. */
#include "analyzer/verbs/report.h"

#include <argp.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/verbs.h"
#include "include/pgoshim/raw.h"

static const char documentation[] =
    "Show where the time goes: the hottest functions, calls and branches.\v"
    "Without PROFILE, all *.pgoraw files in the current directory are reported on together.\n\n"
    "Examples:\n"
    "  pgo-analyze report app.pgoraw\n"
    "  pgo-analyze report --top 30 --module libcrypto.so.3 *.pgoraw\n"
    "  pgo-analyze report -b ./app app.pgoraw       it is not where it ran\n"
    "  pgo-analyze report --json app.pgoraw | jq '.functions[0]'\n\n" VERBS_EXIT_STATUS;

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},
    {&option_module, 0, NULL, 0},
    {&option_top, 0, NULL, 0},
    {&option_debug_dir, 0, NULL, 0},
    {&option_json, 0, NULL, 0},
    {&option_no_demangle, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},
    {&option_profiles, 0, NULL, 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    (void)value;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    verb_options_share(state, children, state->input);
    return 0;
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

static bool find_and_print(struct report *report, const struct verb_options *arguments,
                           struct error *error)
{
    const struct profile *profile = report->profile;
    bool done = true;
    report->top = arguments->top;
    report->demangled = !arguments->is_mangled;
    report->module = PROFILE_MODULE_NONE;
    add_counters(report);
    if (arguments->module &&
        !profile_find_module(profile, arguments->module, &report->module, error))
        return false;
    if (!hotspots_find(&report->hotspots, profile, report->binaries, report->module, error))
        return false;
    if (arguments->json)
        done = report_print_json(report, stdout, error);
    else
        report_print(report, stdout, message_colour(stdout));
    hotspots_free(&report->hotspots);
    return done;
}

/* `binary`: the one that was given, or NULL. */
static bool report_profile(const struct verb_options *arguments, const struct profile *profile,
                           const struct binary *binary, struct error *error)
{
    struct report report = {.profile = profile};
    uint32_t module;

    if (!inputs_check_samples(&arguments->inputs, profile, error) ||
        (binary && (!binary_find_module(binary, profile, &module, error) ||
                    !profile_check_addresses(profile, module, binary, error))) ||
        !(report.binaries = binaries_new(profile, error)))
        return false;
    if (binary)
        binaries_give(report.binaries, module, binary);
    bool done = find_and_print(&report, arguments, error);
    binaries_free(report.binaries);
    return done;
}

static bool report(const struct verb_options *arguments, struct error *error)
{
    struct binary *binary = arguments->binary ? binary_open(arguments->binary, error) : NULL;
    if (arguments->binary && !binary)
        return false;
    struct profile *profile = inputs_read(&arguments->inputs, binary, error);
    bool done = profile && report_profile(arguments, profile, binary, error);
    profile_free(profile);
    binary_free(binary);
    return done;
}

/* What is in the current directory, where no file was named. */
static bool add_default_inputs(struct verb_options *arguments, glob_t *found, struct error *error)
{
    if (arguments->inputs.count > 0)
        return true;
    if (glob("*.pgoraw", 0, NULL, found) != 0) {
        error_set(error, ERROR_USAGE, "report",
                  "no file was given, and there is no *.pgoraw in the current directory");
        return false;
    }
    for (size_t i = 0; i < found->gl_pathc; i++) {
        if (!inputs_add(&arguments->inputs, found->gl_pathv[i], 1, error))
            return false;
    }
    return true;
}

int verb_report(int argc, char **argv)
{
    static const struct argp parser = {NULL, parse_option, "[PROFILE...]", documentation, children,
                                       NULL, NULL};
    struct verb_options arguments = {.top = 10, .least_top = 1};
    glob_t found = {0};
    int status = EXIT_STATUS_DONE;
    if (help_argp_parse(&parser, argc, argv, &arguments) != 0 ||
        !add_default_inputs(&arguments, &found, &arguments.error) ||
        !report(&arguments, &arguments.error))
        status = verb_failed(&arguments.error);
    inputs_free(&arguments.inputs);
    globfree(&found);
    return status;
}
