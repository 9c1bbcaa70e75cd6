/* pgo-analyze convert: raw profiles into the formats of other tools. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/help.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/separate_debug_file.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/writer.h"

/* For the table of formats: how long their names are, and how many there may be. */
#define FORMAT_WIDTH 13
#define WRITERS_MAX 64

enum {
    OPTION_DEBUG_FILE = 256,
    OPTION_COUNTS,
    OPTION_INFER,
    OPTION_CONTEXT,
    OPTION_CONTEXT_DEPTH,
    OPTION_IR
};

struct convert_options {
    struct verb_options shared;
    const char *debug_file; /* of the binary; NULL: to be found */
    const struct writer *writer;
    enum correction_wanted counts;
    struct writer_options writing;
};

static const char documentation[] =
    "Convert recordings (raw profiles, perf.data) and counts by address (perf2bolt's and "
    "llvm-profgen's text) into other tools' formats.\v"
    "Without -b, the binary is the recorded program, at the path where it was recorded; with "
    "--module, that module.  A binary is recognised by its build-id.\n\n"
    "Examples:\n"
    "  pgo-analyze convert -b ./app -f fdata -o app.fdata app.pgoraw\n"
    "  llvm-bolt app -data app.fdata -o app.bolt\n"
    "  pgo-analyze convert --module libfoo.so.1 -f preagg -o libfoo.preagg *.pgoraw\n"
    "  pgo-analyze convert -b ./app -f llvm-ext -o app.prof app.pgoraw\n"
    "  clang -O2 -g -fdebug-info-for-profiling -fprofile-sample-use=app.prof ...\n"
    "  pgo-record --stacks 1 -o app.pgoraw -- ./app\n"
    "  pgo-analyze convert --context on -f llvm-ext -o app.prof app.pgoraw\n"
    "  pgo-analyze convert -f profdata --ir dumps -o app.profdata app.pgoraw\n"
    "  perf record -b ./app && pgo-analyze convert -b ./app -o app.fdata perf.data\n"
    "  pgo-analyze convert -b app --debug-file app.debug -f llvm-text app.pgoraw\n"
    "  pgo-analyze convert -f folded app.pgoraw | flamegraph.pl >app.svg\n\n" VERBS_EXIT_STATUS;

static const struct argp_option options[] = {
    {"debug-file", OPTION_DEBUG_FILE, "FILE", 0,
     "What was stripped off the binary (objcopy --only-keep-debug, or the unstripped build)", 0},
    {"format", 'f', "FORMAT", 0, "Output format, of those below (default: fdata)", 0},
    {"counts", OPTION_COUNTS, "KIND", 0,
     "Which counts to write: raw (where time goes), corrected (how often code ran) or auto (the "
     "default), which is corrected for LLVM's sample profiles, of recordings that are long enough, "
     "and raw for all else",
     0},
    {"infer", OPTION_INFER, "WHEN", 0,
     "Make counts of branches and blocks from samples, for fdata, sample profiles and "
     "unsymbolized: on, off or auto (the default), which does where no branches were recorded",
     0},
    {"context", OPTION_CONTEXT, "WHICH", 0,
     "Tell functions apart by their callers, in llvm-text and llvm-ext of programs with "
     "pseudo-probes, from samples with call stacks and branches (pgo-record --stacks 1, perf "
     "record -b --call-graph fp): off (the default), on (hot ones) or all",
     0},
    {"context-depth", OPTION_CONTEXT_DEPTH, "N", 0,
     "Keep no more than the N innermost callers (default: all)", 0},
    {"ir", OPTION_IR, "DIRECTORY", 0,
     "The compiler's dumps of the program's modules, for profdata and profdata-text; "
     "docs/ir-profiles.md says how they are made",
     0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},    {&option_module, 0, NULL, 0},
    {&option_debug_dir, 0, NULL, 0}, {&option_output, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},     {&option_verbose, 0, NULL, 0},
    {&option_profiles, 0, NULL, 0},  {0},
};

/* The table of formats, behind the options. */
static char *add_formats(int key, const char *text, void *input)
{
    char *table = NULL;
    size_t size;
    FILE *stream;
    (void)input;
    if (key != ARGP_KEY_HELP_EXTRA || !(stream = open_memstream(&table, &size)))
        return (char *)text;
    fputs("Formats:\n", stream);
    for (size_t i = 0; writer_at(i); i++)
        help_print_row(stream, FORMAT_WIDTH, writer_at(i)->name, writer_at(i)->description);
    fclose(stream);
    return table;
}

static bool choose_writer(struct convert_options *arguments, const char *name)
{
    const char *names[WRITERS_MAX + 1] = {NULL};
    arguments->writer = writer_find(name);
    for (size_t i = 0; i < WRITERS_MAX && writer_at(i); i++)
        names[i] = writer_at(i)->name;
    if (!arguments->writer)
        option_refuse_format(name, names, &arguments->shared.error);
    return arguments->writer != NULL;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct convert_options *arguments = state->input;
    struct context_options *contexts = &arguments->writing.contexts;
    switch (key) {
    case ARGP_KEY_INIT:
        verb_options_share(state, children, &arguments->shared);
        return 0;
    case OPTION_DEBUG_FILE:
        arguments->debug_file = value;
        return 0;
    case 'f':
        return choose_writer(arguments, value) ? 0 : EINVAL;
    case OPTION_COUNTS:
        if (!correction_parse(value, &arguments->counts))
            argp_error(state, "--counts %s: expected auto, raw or corrected", value);
        return 0;
    case OPTION_INFER:
        if (!inference_parse(value, &arguments->writing.infer))
            argp_error(state, "--infer %s: expected auto, on or off", value);
        return 0;
    case OPTION_CONTEXT:
        if (!contexts_parse(value, &contexts->wanted))
            argp_error(state, "--context %s: expected off, on or all", value);
        return 0;
    case OPTION_IR:
        arguments->writing.ir_directory = value;
        return 0;
    case OPTION_CONTEXT_DEPTH:
        contexts->depth =
            (uint32_t)option_number(value, "--context-depth", 0, CONTEXT_DEPTH_ANY - 1, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* A wrong profile is worse than none: it slows programs down. */
static bool check_fit(const struct profile *profile, const struct binary *binary,
                      struct error *error)
{
    uint32_t module;
    return binary_find_module(binary, profile, &module, error) &&
           profile_check_addresses(profile, module, binary, error);
}

/* Corrects the counts where that was asked for, or is what the format's readers want. */
static bool correct(const struct convert_options *arguments, struct profile *profile,
                    struct error *error)
{
    char text[CORRECTION_TEXT];
    correction_text(profile, text);
    if (arguments->counts == CORRECTION_CORRECTED && !correction_is_known(profile)) {
        error_set(error, ERROR_USAGE, "--counts corrected",
                  "there are no weights in the profile: look-ahead records them");
        return false;
    }
    if (arguments->counts == CORRECTION_CORRECTED ||
        (arguments->counts == CORRECTION_AUTO && arguments->writer->wants_executions &&
         correction_is_sound(profile))) {
        correction_apply(profile);
        message_detail("corrected counts: %s", text);
    } else {
        message_detail("raw counts: %s", text);
    }
    return true;
}

static bool use_debug_file(const struct convert_options *arguments, struct binary *binary,
                           struct error *error)
{
    if (!arguments->debug_file)
        return true;
    if (binary)
        return binary_use_debug_file(binary, arguments->debug_file, error);
    error_set(error, ERROR_USAGE, "--debug-file", "say of which binary, with -b");
    return false;
}

static bool wants_contexts(const struct convert_options *arguments)
{
    return arguments->writing.contexts.wanted != CONTEXTS_OFF;
}

static bool check_ir(const struct convert_options *arguments, struct error *error)
{
    if (arguments->writer->takes_ir == (arguments->writing.ir_directory != NULL))
        return true;
    error_set(error, ERROR_USAGE, "--ir",
              arguments->writer->takes_ir ? "%s needs the directory of the compiler's dumps"
                                          : "%s has no use for the compiler's dumps",
              arguments->writer->name);
    return false;
}

static bool check_contexts(const struct convert_options *arguments, struct error *error)
{
    if (!wants_contexts(arguments) || arguments->writer->takes_contexts)
        return true;
    error_set(error, ERROR_USAGE, "--context", "%s does not tell functions apart by their callers",
              arguments->writer->name);
    return false;
}

/* What a conversion has open, and frees at its end. */
struct conversion {
    struct profile *profile;
    struct binary *binary; /* NULL where the format needs none */
};

static bool open_binary(const struct convert_options *arguments, struct conversion *conversion,
                        struct error *error)
{
    if (!arguments->shared.binary)
        return true;
    conversion->binary = binary_open(arguments->shared.binary, error);
    return conversion->binary && use_debug_file(arguments, conversion->binary, error);
}

/* llvm-bolt wants to know that an fdata is of rewritten code alone; all else is by address. */
static bool take_rewritten(const struct convert_options *arguments, struct conversion *conversion,
                           struct error *error)
{
    if (wants_contexts(arguments))
        return verb_leave_out_rewritten(conversion->profile, conversion->binary, error);
    if (arguments->writer == writer_find("fdata"))
        return verb_accept_rewritten(&conversion->profile, &conversion->binary, error);
    return verb_translate_rewritten(&conversion->profile, conversion->binary, error);
}

/* The binary that the recording names, where none was given and the format needs one. */
static bool choose_binary(const struct convert_options *arguments, struct conversion *conversion,
                          struct error *error)
{
    bool was_given = conversion->binary != NULL;
    if (!arguments->writer->needs_binary && !was_given)
        return use_debug_file(arguments, NULL, error);
    if (was_given && !take_rewritten(arguments, conversion, error))
        return false;
    return verb_choose_binary(arguments->shared.module, arguments->shared.inputs.items[0].path,
                              conversion->profile, &conversion->binary, error) &&
           (was_given || use_debug_file(arguments, conversion->binary, error)) &&
           check_fit(conversion->profile, conversion->binary, error);
}

static bool convert_inputs(const struct convert_options *arguments, struct conversion *conversion,
                           struct error *error)
{
    const struct inputs *inputs = &arguments->shared.inputs;

    if (!check_contexts(arguments, error) || !check_ir(arguments, error) ||
        !open_binary(arguments, conversion, error))
        return false;
    conversion->profile = inputs_read(inputs, conversion->binary, error);
    if (!conversion->profile || !inputs_check_samples(inputs, conversion->profile, error) ||
        !choose_binary(arguments, conversion, error) ||
        !correct(arguments, conversion->profile, error))
        return false;
    if (conversion->binary && arguments->writer == writer_find("fdata") &&
        binary_is_bolted(conversion->binary) && !binary_has_translation(conversion->binary))
        message_warning(
            "%s was written by BOLT without a table of addresses: this profile is of its "
            "new code, and fits no binary that llvm-bolt takes; for one that does, "
            "relink with -- -enable-bat and record again",
            binary_path(conversion->binary));
    if (conversion->binary)
        verb_tell_other_builds(conversion->profile, conversion->binary);
    if (conversion->binary)
        message_detail("%s: %zu functions", binary_path(conversion->binary),
                       binary_function_count(conversion->binary));
    return writer_write_file(arguments->writer, conversion->profile, conversion->binary,
                             &arguments->writing, arguments->shared.output, arguments->shared.force,
                             error);
}

static bool convert(struct convert_options *arguments, struct error *error)
{
    struct conversion conversion = {0};
    arguments->shared.inputs.with_hybrid_samples = wants_contexts(arguments);
    bool done = convert_inputs(arguments, &conversion, error);
    binary_free(conversion.binary);
    profile_free(conversion.profile);
    return done;
}

int verb_convert(int argc, char **argv)
{
    static const struct argp parser = {options,  parse_option, "PROFILE...", documentation,
                                       children, add_formats,  NULL};
    struct convert_options arguments = {
        .shared = {.output = "-", .no_profile = "no profile was given"},
        .writer = writer_find("fdata"),
        .writing.contexts.depth = CONTEXT_DEPTH_ANY,
    };
    int status = EXIT_STATUS_DONE;
    if (help_argp_parse(&parser, argc, argv, &arguments) != 0 ||
        !convert(&arguments, &arguments.shared.error))
        status = verb_failed(&arguments.shared.error);
    inputs_free(&arguments.shared.inputs);
    return status;
}
