/* pgo-analyze trim: a part of a profile, as a profile of its own. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/help.h"
#include "analyzer/base/options.h"
#include "analyzer/base/output.h"
#include "analyzer/model/compare/trim.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/samples/sample_order.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/outputs.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/writer.h"

enum { OPTION_THREAD = 256, OPTION_MIN_SHARE };

struct trim_options {
    struct verb_options shared;
    const char *input;
    struct profile_filter filter;
    double min_share; /* percent */
};

static const char documentation[] =
    "Write a part of a profile as a profile of its own: of one module, process or thread, or "
    "without what is rare.\v"
    "Of one module is what is in the binary of -b or the module of --module.  Profiles by address "
    "become a raw profile, BOLT's fdata becomes fdata, LLVM's sample profiles "
    "become one in the extensible binary form, or text with -f llvm-text.  Processes and threads "
    "are told apart by perf.data and perf script's text; a raw profile is of the process that "
    "made it or, where several joined it, of all of them.\n\n"
    "What is rare: of profiles by address each branch with its range and each call stack, of fdata "
    "each edge, of sample profiles each function, that has a smaller share of all counts.\n\n"
    "Examples:\n"
    "  pgo-analyze trim --module libfoo.so.1 -o foo.pgoraw app.pgoraw\n"
    "  pgo-analyze trim --pid 4711 -o server.pgoraw perf.data\n"
    "  pgo-analyze trim --thread worker -o worker.pgoraw perf.data\n"
    "  pgo-analyze trim --min-share 0.01 -o small.prof app.prof\n\n" VERBS_EXIT_STATUS;

static const struct argp_option options[] = {
    {"pid", 'p', "PID", 0, "Only samples of this process", 0},
    {"thread", OPTION_THREAD, "NAME", 0, "Only samples of threads of this name", 0},
    {"min-share", OPTION_MIN_SHARE, "PERCENT", 0, "Only what has at least this share", 0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},        {&option_module, 0, NULL, 0}, {&option_output, 0, NULL, 0},
    {&option_sample_format, 0, NULL, 0}, {&option_quiet, 0, NULL, 0},  {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct trim_options *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        verb_options_share(state, children, &arguments->shared);
        return 0;
    case 'p':
        arguments->filter.by_process = true;
        arguments->filter.process = (uint32_t)option_number(value, "--pid", 0, UINT32_MAX, state);
        return 0;
    case OPTION_THREAD:
        arguments->filter.thread = value;
        return 0;
    case OPTION_MIN_SHARE:
        arguments->min_share = option_percent(value, "--min-share", 0, 100, state);
        if (arguments->min_share == 0)
            argp_error(state, "--min-share: '%s' is not above 0", value);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->input)
            argp_error(state, "one profile is trimmed; see pgo-analyze merge for several");
        arguments->input = value;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->input)
            argp_error(state, "no profile was given");
        if (!arguments->shared.output)
            argp_error(state, "no output was given: -o FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_empty(const struct trim_options *arguments, struct error *error)
{
    error_set(error, ERROR_NO_SAMPLES, arguments->input, "none that is asked for");
    return false;
}

/* --- by address ---------------------------------------------------------------------------- */

/* The module that --module or -b means; PROFILE_MODULE_NONE: all. */
static bool find_module(const struct trim_options *arguments, struct profile *profile,
                        uint32_t *module, struct error *error)
{
    *module = PROFILE_MODULE_NONE;
    if (arguments->shared.binary) {
        struct binary *binary = binary_open(arguments->shared.binary, error);
        bool done = binary && profile_place(profile, binary, error) &&
                    profile_normalise(profile, error) &&
                    binary_find_module(binary, profile, module, error);
        binary_free(binary);
        return done;
    }
    return !arguments->shared.module ||
           profile_find_module(profile, arguments->shared.module, module, error);
}

/*
 * The part of a process or thread is a recording of its own: merged with another one's, nothing is
 * counted twice.  The same part is the same recording again.  Parts of modules share the branches
 * between them.
 */
static void name_parts(const struct trim_options *arguments, struct profile *profile)
{
    const char *thread = arguments->filter.thread;
    uint64_t part = 0;
    if (!arguments->filter.by_process && !thread)
        return;
    part = hash_mix(part, arguments->filter.by_process ? arguments->filter.process + 1ULL : 0);
    part = hash_mix(part, thread ? hash_bytes(thread, strlen(thread)) : 0);
    for (size_t i = 0; i < profile->recording_count; i++)
        for (size_t j = 0; j < profile->recordings[i].origin_count; j++)
            profile->recordings[i].origins[j] = hash_mix(profile->recordings[i].origins[j], part);
}

static bool trim_profile(const struct trim_options *arguments, struct profile *profile,
                         struct error *error)
{
    uint32_t module;
    if (!profile_read_filtered(arguments->input, &arguments->filter, profile, error) ||
        !profile_normalise(profile, error) || !find_module(arguments, profile, &module, error))
        return false;
    if (module != PROFILE_MODULE_NONE && !profile_trim_module(profile, module, error))
        return false;
    if (arguments->min_share > 0 && !profile_trim_share(profile, arguments->min_share / 100, error))
        return false;
    if (profile->trace_count == 0 && profile->stack_count == 0)
        return is_empty(arguments, error);
    name_parts(arguments, profile);
    return writer_write_file(writer_find("raw"), profile, NULL, NULL, arguments->shared.output,
                             arguments->shared.force, error);
}

static bool trim_addresses(const struct trim_options *arguments, struct error *error)
{
    struct profile *profile = profile_new(error);
    bool done = profile && trim_profile(arguments, profile, error);
    profile_free(profile);
    return done;
}

/* --- by symbol and by line -------------------------------------------------------------------- */

static bool write_symbols(const struct trim_options *arguments, struct symbol_profile *symbols,
                          struct error *error)
{
    if (!symbol_profile_read(arguments->input, symbols, error))
        return false;
    symbol_profile_trim_share(symbols, arguments->min_share / 100);
    if (symbols->count == 0)
        return is_empty(arguments, error);
    return output_write_file(arguments->shared.output, arguments->shared.force, produce_fdata,
                             symbols, error);
}

static bool trim_symbols(const struct trim_options *arguments, struct error *error)
{
    struct symbol_profile symbols = {0};
    bool done = write_symbols(arguments, &symbols, error);
    symbol_profile_free(&symbols);
    return done;
}

static bool write_lines(const struct trim_options *arguments, struct sample_profile *samples,
                        struct error *error)
{
    if (!sample_profile_read(arguments->input, samples, error))
        return false;
    sample_profile_trim_share(samples, arguments->min_share / 100);
    if (samples->top.inlined_count == 0)
        return is_empty(arguments, error);
    sample_profile_sort(samples);
    return output_write_file(arguments->shared.output, arguments->shared.force,
                             arguments->shared.as_text ? produce_llvm_text : produce_llvm_ext,
                             samples, error);
}

static bool trim_lines(const struct trim_options *arguments, struct error *error)
{
    struct sample_profile samples = {0};
    bool done = write_lines(arguments, &samples, error);
    sample_profile_free(&samples);
    return done;
}

static bool trim(const struct trim_options *arguments, struct error *error)
{
    enum profile_kind kind = profile_kind_of(arguments->input);
    bool by_place = arguments->shared.module || arguments->shared.binary ||
                    arguments->filter.by_process || arguments->filter.thread;
    if (kind == PROFILE_BY_ADDRESS)
        return trim_addresses(arguments, error);
    if (by_place) {
        error_set(error, ERROR_PROFILE_KIND, arguments->input,
                  "it tells of no modules, processes or threads: only --min-share can be asked "
                  "of it");
        return false;
    }
    return kind == PROFILE_BY_SYMBOL ? trim_symbols(arguments, error)
                                     : trim_lines(arguments, error);
}

int verb_trim(int argc, char **argv)
{
    static const struct argp parser = {options,  parse_option, "PROFILE", documentation,
                                       children, NULL,         NULL};
    struct trim_options arguments = {0};
    if (help_argp_parse(&parser, argc, argv, &arguments) != 0 ||
        !trim(&arguments, &arguments.shared.error))
        return verb_failed(&arguments.shared.error);
    return EXIT_STATUS_DONE;
}
