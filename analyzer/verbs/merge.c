/* pgo-analyze merge: several profiles of one kind into one. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/help.h"
#include "analyzer/base/options.h"
#include "analyzer/base/output.h"
#include "analyzer/model/samples/sample_order.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/outputs.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/writer.h"

enum { OPTION_WEIGHTED_INPUT = 256, OPTION_WEIGHT };

static const char documentation[] =
    "Merge profiles of one kind into one: counts of the same thing are added up.  Profiles by "
    "address become a raw profile, BOLT's fdata becomes fdata, and LLVM's sample profiles become "
    "one in the extensible binary form, or text with -f llvm-text.\v"
    "Modules are the same where their build-ids are; without one, where their paths are.  "
    "FILE:N is short for --weighted-input=N,FILE.\n\n"
    "Examples:\n"
    "  pgo-analyze merge -o all.pgoraw run1.pgoraw run2.pgoraw\n"
    "  pgo-analyze merge -o all.pgoraw typical.pgoraw:3 rare.pgoraw\n"
    "  pgo-analyze merge -o all.fdata --weighted-input=3,typical.fdata rare.fdata\n"
    "  pgo-analyze merge -f llvm-text -o all.prof one.prof two.prof\n"
    "  pgo-analyze merge -b ./app -o app.pgoraw app.preagg\n\n" VERBS_EXIT_STATUS;

static const struct argp_option options[] = {
    {"weighted-input", OPTION_WEIGHTED_INPUT, "N,FILE", 0, "An input whose counts count N times",
     0},
    {"weight", OPTION_WEIGHT, "N,FILE", OPTION_HIDDEN, NULL, 0},
    {NULL, 'w', "N,FILE", OPTION_HIDDEN, NULL, 0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},        {&option_output, 0, NULL, 0},
    {&option_sample_format, 0, NULL, 0}, {&option_quiet, 0, NULL, 0},
    {&option_verbose, 0, NULL, 0},       {0},
};

/* A whole number above 0, which ends where *end says; 0 where there is none. */
static uint64_t weight_of(const char *text, char **end)
{
    errno = 0;
    uint64_t weight = strtoull(text, end, 10);
    return *text < '0' || *text > '9' || errno != 0 ? 0 : weight;
}

static void add_weighted(struct verb_options *arguments, const char *value,
                         struct argp_state *state)
{
    char *comma;
    uint64_t weight = weight_of(value, &comma);
    if (weight == 0 || *comma != ',' || comma[1] == '\0')
        argp_error(state, "--weighted-input %s: expected N,FILE with a whole number N above 0",
                   value);
    if (!inputs_add(&arguments->inputs, comma + 1, weight, &arguments->error))
        exit(verb_failed(&arguments->error));
}

/* FILE or FILE:N; a file that has that very name is meant first. */
static bool add_plain(struct verb_options *arguments, char *value)
{
    char *colon = strrchr(value, ':');
    char *end;
    uint64_t weight = colon ? weight_of(colon + 1, &end) : 0;
    if (weight == 0 || *end != '\0' || access(value, F_OK) == 0)
        return inputs_add(&arguments->inputs, value, 1, &arguments->error);
    *colon = '\0';
    return inputs_add(&arguments->inputs, value, weight, &arguments->error);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct verb_options *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        verb_options_share(state, children, arguments);
        return 0;
    case 'w':
    case OPTION_WEIGHT:
        option_deprecated(state, key == 'w' ? "-w" : "--weight", "--weighted-input");
        add_weighted(arguments, value, state);
        return 0;
    case OPTION_WEIGHTED_INPUT:
        add_weighted(arguments, value, state);
        return 0;
    case ARGP_KEY_ARG:
        return add_plain(arguments, value) ? 0 : ENOMEM;
    case ARGP_KEY_END:
        if (!arguments->output)
            argp_error(state, "no output was given: -o FILE");
        if (arguments->inputs.count == 0)
            argp_error(state, "no profile was given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool merge_addresses(const struct verb_options *arguments, struct error *error)
{
    struct profile *profile = NULL;
    struct binary *binary = arguments->binary ? binary_open(arguments->binary, error) : NULL;
    bool done = binary || !arguments->binary;
    if (done)
        profile = inputs_read(&arguments->inputs, binary, error);
    done = profile && inputs_check_samples(&arguments->inputs, profile, error) &&
           writer_write_file(writer_find("raw"), profile, NULL, NULL, arguments->output,
                             arguments->force, error);
    profile_free(profile);
    binary_free(binary);
    return done;
}

static bool merge_symbols(const struct verb_options *arguments, struct error *error)
{
    struct symbol_profile symbols = {0};
    bool done =
        inputs_read_symbols(&arguments->inputs, &symbols, error) &&
        output_write_file(arguments->output, arguments->force, produce_fdata, &symbols, error);
    symbol_profile_free(&symbols);
    return done;
}

static bool merge_lines(const struct verb_options *arguments, struct error *error)
{
    struct sample_profile samples = {0};
    bool done = inputs_read_lines(&arguments->inputs, &samples, error);
    sample_profile_sort(&samples);
    done = done && output_write_file(arguments->output, arguments->force,
                                     arguments->as_text ? produce_llvm_text : produce_llvm_ext,
                                     &samples, error);
    sample_profile_free(&samples);
    return done;
}

static bool merge(const struct verb_options *arguments, struct error *error)
{
    enum profile_kind kind;
    if (!inputs_kind(&arguments->inputs, &kind, error))
        return false;
    if (arguments->has_format && kind != PROFILE_BY_LINE) {
        error_set(error, ERROR_USAGE, "-f", "only sample profiles have a choice of formats");
        return false;
    }
    switch (kind) {
    case PROFILE_BY_LINE:
        return merge_lines(arguments, error);
    case PROFILE_BY_SYMBOL:
        return merge_symbols(arguments, error);
    default:
        return merge_addresses(arguments, error);
    }
}

int verb_merge(int argc, char **argv)
{
    static const struct argp parser = {options,  parse_option, "PROFILE...", documentation,
                                       children, NULL,         NULL};
    struct verb_options arguments = {0};
    int status = EXIT_STATUS_DONE;
    if (help_argp_parse(&parser, argc, argv, &arguments) != 0 ||
        !merge(&arguments, &arguments.error))
        status = verb_failed(&arguments.error);
    inputs_free(&arguments.inputs);
    return status;
}
