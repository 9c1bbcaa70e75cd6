/* pgo-analyze report: where the time goes. */
#include "analyzer/verbs/report.h"

#include <argp.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/model/binary/separate_debug_file.h"
#include "analyzer/verbs/verbs.h"
#include "include/pgoshim/raw.h"

enum { OPTION_TOP = 256, OPTION_DEBUG_DIR, OPTION_JSON, OPTION_MODULE, OPTION_NO_DEMANGLE };

struct arguments {
    const char *binary;
    const char *module;
    size_t top;
    bool json;
    bool no_demangle;
    struct inputs inputs;
    struct error error;
};

static const char documentation[] =
    "Show where the time goes: the hottest functions, calls and branches.\v"
    "Without RAW, all *.pgoraw files in the current directory are reported on together.\n\n"
    "Examples:\n"
    "  pgo-analyze report app.pgoraw\n"
    "  pgo-analyze report --top 30 --module libcrypto.so.3 *.pgoraw\n"
    "  pgo-analyze report -b ./app app.pgoraw       it is not where it ran\n"
    "  pgo-analyze report --json app.pgoraw | jq '.functions[0]'\n\n" VERBS_EXIT_STATUS;

static const struct argp_option options[] = {
    {"binary", 'b', "FILE", 0, "a binary that was recorded, where it is not at its path any more",
     0},
    {"top", OPTION_TOP, "N", 0, "lines of each list (default: 10)", 0},
    {"module", OPTION_MODULE, "PATH", 0, "only this module: its path as recorded, or the end of it",
     0},
    {"debug-dir", OPTION_DEBUG_DIR, "DIR", 0,
     "look for debug files by build-id here, DIR/xx/yyyy.debug, before " DEBUG_FILE_DIRECTORY
     ", and for .dwo and .dwp files",
     0},
    {"no-demangle", OPTION_NO_DEMANGLE, NULL, 0, "names of C++ and Rust functions as in the binary",
     0},
    {"json", OPTION_JSON, NULL, 0, "for other programs; names are as in the binary", 0},
    {"quiet", 'q', NULL, 0, "no progress", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_TOP:
        arguments->top = option_top(value, 1, state);
        return 0;
    case 'b':
        arguments->binary = value;
        return 0;
    case OPTION_MODULE:
        arguments->module = value;
        return 0;
    case OPTION_DEBUG_DIR:
        debug_file_set_directory(value);
        return 0;
    case OPTION_NO_DEMANGLE:
        arguments->no_demangle = true;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case 'q':
        message_set_verbosity(0);
        return 0;
    case ARGP_KEY_ARG:
        return inputs_add(&arguments->inputs, value, 1, &arguments->error) ? 0 : ENOMEM;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool find_and_print(struct report *report, const struct arguments *arguments,
                           struct error *error)
{
    const struct profile *profile = report->profile;
    bool done = true;
    report->top = arguments->top;
    report->demangled = !arguments->no_demangle;
    report->module = PROFILE_MODULE_NONE;
    for (size_t i = 0; i < profile->recording_count; i++) {
        for (size_t counter = 0; counter < PGORAW_MAX_COUNTERS; counter++)
            report->counters[counter] =
                count_add(report->counters[counter], profile->recordings[i].counters[counter]);
    }
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
    if (done && (fflush(stdout) != 0 || ferror(stdout))) {
        error_set_errno(error, ERROR_WRITE, "standard output");
        return false;
    }
    return done;
}

static bool report(const struct arguments *arguments, struct error *error)
{
    struct report report = {0};
    struct binary *binary = arguments->binary ? binary_open(arguments->binary, error) : NULL;
    struct profile *profile =
        arguments->binary && !binary ? NULL : inputs_read(&arguments->inputs, binary, error);
    bool done = profile && inputs_check_samples(&arguments->inputs, profile, error);
    report.profile = profile;
    if (done) {
        uint32_t module;
        report.binaries = binaries_new(profile, error);
        done = report.binaries && (!binary || binary_find_module(binary, profile, &module, error));
        if (done && binary)
            binaries_give(report.binaries, module, binary);
        done = done && find_and_print(&report, arguments, error);
    }
    binaries_free(report.binaries);
    profile_free(profile);
    binary_free(binary);
    return done;
}

/* What is in the current directory, where no file was named. */
static bool add_default_inputs(struct arguments *arguments, glob_t *found, struct error *error)
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
    static const struct argp parser = {options, parse_option, "[RAW...]", documentation,
                                       NULL,    NULL,         NULL};
    struct arguments arguments = {.top = 10};
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
