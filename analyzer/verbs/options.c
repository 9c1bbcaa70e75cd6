#include "analyzer/verbs/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/options.h"
#include "analyzer/model/binary/separate_debug_file.h"

/* Long options without a letter; above those that verbs number from 256 on. */
enum {
    OPTION_MODULE = 0x800,
    OPTION_DEBUG_DIR,
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_NO_DEMANGLE,
    OPTION_TOP,
};

static const char *const sample_formats[] = {"llvm-ext", "llvm-text", NULL};

void option_refuse_format(const char *value, const char *const *names, struct error *error)
{
    char subject[sizeof(error->subject)];
    size_t used;

    option_unknown(subject, sizeof(subject), "format", value, names);
    used = strlen(subject);
    used += (size_t)snprintf(subject + used, sizeof(subject) - used, "%s",
                             subject[used - 1] == '?' ? " Formats are" : "; formats are");
    for (size_t i = 0; names[i] && used < sizeof(subject); i++)
        used += (size_t)snprintf(subject + used, sizeof(subject) - used, "%s %s", i > 0 ? "," : "",
                                 names[i]);
    error_set(error, ERROR_UNKNOWN_FORMAT, subject, NULL);
}

static error_t take_format(struct verb_options *options, const char *value)
{
    options->has_format = true;
    options->as_text = strcmp(value, "llvm-text") == 0;
    if (options->as_text || strcmp(value, "llvm-ext") == 0)
        return 0;
    option_refuse_format(value, sample_formats, &options->error);
    return EINVAL;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct verb_options *options = state->input;
    switch (key) {
    case 'b':
        options->binary = value;
        return 0;
    case OPTION_MODULE:
        options->module = value;
        return 0;
    case OPTION_DEBUG_DIR:
        debug_file_set_directory(value);
        return 0;
    case 'o':
        options->output = value;
        return 0;
    case OPTION_FORCE:
        options->force = true;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    case OPTION_NO_DEMANGLE:
        options->is_mangled = true;
        return 0;
    case OPTION_TOP:
        options->top = option_number(value, "--top", options->least_top, UINT32_MAX, state);
        return 0;
    case 'f':
        return take_format(options, value);
    default:
        return option_verbosity(key) ? 0 : ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_profile(int key, char *value, struct argp_state *state)
{
    struct verb_options *options = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        return inputs_add(&options->inputs, value, 1, &options->error) ? 0 : ENOMEM;
    case ARGP_KEY_NO_ARGS:
        if (options->no_profile)
            argp_error(state, "%s", options->no_profile);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define SHARED_OPTION(name, ...)                                                                   \
    const struct argp option_##name = {.options = (const struct argp_option[]){__VA_ARGS__, {0}},  \
                                       .parser = parse}

SHARED_OPTION(binary, {"binary", 'b', "FILE", 0, "The binary that the counts are for", 0});
SHARED_OPTION(module, {"module", OPTION_MODULE, "PATH", 0,
                       "The module that is meant: its path as recorded, or the end of it", 0});
SHARED_OPTION(debug_dir, {"debug-dir", OPTION_DEBUG_DIR, "DIR", 0,
                          "Look for debug files by build-id here, DIR/xx/yyyy.debug, "
                          "before " DEBUG_FILE_DIRECTORY ", and for .dwo and .dwp files",
                          0});
SHARED_OPTION(output, {"output", 'o', "FILE", 0, "Output file; - is standard output", 0},
              {"force", OPTION_FORCE, NULL, 0, "Overwrite the output file", 0});
SHARED_OPTION(force, {"force", OPTION_FORCE, NULL, 0, "Overwrite the output file", 0});
SHARED_OPTION(json, {"json", OPTION_JSON, NULL, 0, "Print JSON, with names as in the binary", 0});
SHARED_OPTION(no_demangle, {"no-demangle", OPTION_NO_DEMANGLE, NULL, 0,
                            "Names of C++ and Rust functions as in the binary", 0});
SHARED_OPTION(top, {"top", OPTION_TOP, "N", 0, "Lines of each list (default: 10)", 0});
SHARED_OPTION(sample_format, {"format", 'f', "FORMAT", 0,
                              "Of sample profiles: llvm-ext (the default) or llvm-text", 0});
SHARED_OPTION(quiet, {"quiet", 'q', NULL, 0, "Say less", 0});
SHARED_OPTION(verbose, {"verbose", 'v', NULL, 0, "Say more", 0});

const struct argp option_profiles = {.parser = parse_profile};

void verb_options_share(struct argp_state *state, const struct argp_child *children,
                        struct verb_options *shared)
{
    for (size_t i = 0; children[i].argp; i++)
        state->child_inputs[i] = shared;
}
