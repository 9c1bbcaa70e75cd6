/* pgo-analyze annotate: the code of a function, with what ran how often and where branches went. */
#include <argp.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/help.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/verbs/annotate_json.h"
#include "analyzer/verbs/annotate_text.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/json_parts.h"

enum { OPTION_HOTTEST = 256, OPTION_SOURCE_ONLY, OPTION_SOURCE_DIR };

#define SOURCE_DIRECTORIES 16

struct annotate_options {
    struct verb_options shared;
    const char *function; /* NULL: the hottest */
    size_t hottest;       /* how many */
    bool source_only;
    const char *source_directories[SOURCE_DIRECTORIES + 1];
    size_t source_directory_count;
    glob_t found; /* what is in the current directory, where no file was named */
};

static const char documentation[] =
    "Show a function's code with what ran how often, and where its branches went.\v"
    "FUNCTION is a symbol, a name as people wrote it, or a part that only one function has in "
    "its name. Without PROFILE, all *.pgoraw files in the current directory are read.\n\n"
    "Examples:\n"
    "  pgo-analyze annotate parse app.pgoraw\n"
    "  pgo-analyze annotate --source-only 'Json::Reader::parse' app.pgoraw\n"
    "  pgo-analyze annotate --hottest 5 app.pgoraw | less -R\n"
    "  pgo-analyze annotate --json parse app.pgoraw | jq "
    "'.functions[0].loops'\n\n" VERBS_EXIT_STATUS;

static const struct argp_option own_options[] = {
    {"hottest", OPTION_HOTTEST, "N", 0, "The N hottest functions; then no FUNCTION is named", 0},
    {"source-only", OPTION_SOURCE_ONLY, NULL, 0, "Lines of the source alone, without code", 0},
    {"source-dir", OPTION_SOURCE_DIR, "DIR", 0,
     "Look for sources here too; may be given several times", 0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},
    {&option_module, 0, NULL, 0},
    {&option_debug_dir, 0, NULL, 0},
    {&option_json, 0, NULL, 0},
    {&option_no_demangle, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},
    {0},
};

static error_t take_directory(struct annotate_options *options, const char *value,
                              const struct argp_state *state)
{
    if (options->source_directory_count == SOURCE_DIRECTORIES)
        argp_error(state, "--source-dir is given more than %d times", SOURCE_DIRECTORIES);
    options->source_directories[options->source_directory_count++] = value;
    return 0;
}

/* Or was meant for one. */
static bool is_file(const char *word)
{
    const char *suffix = strrchr(word, '.');
    return access(word, F_OK) == 0 || (suffix && strcmp(suffix, ".pgoraw") == 0);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct annotate_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        verb_options_share(state, children, &options->shared);
        return 0;
    case OPTION_HOTTEST:
        options->hottest = option_number(value, "--hottest", 1, UINT32_MAX, state);
        return 0;
    case OPTION_SOURCE_ONLY:
        options->source_only = true;
        return 0;
    case OPTION_SOURCE_DIR:
        return take_directory(options, value, state);
    case ARGP_KEY_ARG:
        if (options->hottest == 0 && !options->function) {
            options->function = value;
            return 0;
        }
        return inputs_add(&options->shared.inputs, value, 1, &options->shared.error) ? 0 : ENOMEM;
    case ARGP_KEY_END:
        if (options->hottest == 0 && !options->function)
            argp_error(state, "no FUNCTION was given; --hottest 1 takes the hottest");
        if (options->function && options->shared.inputs.count == 0 && is_file(options->function))
            argp_error(state, "%s is a file: of which FUNCTION? --hottest 1 takes the hottest",
                       options->function);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- one function ----------------------------------------------------------------------------- */

static bool want_places(struct annotated_function *function, const struct annotate_view *view,
                        struct error *error)
{
    const struct annotation *annotation = &function->annotation;
    const struct function *code = annotation->function;
    function->places = source_places_new(view->profile, view->binaries, error);
    return function->places &&
           source_places_want(function->places, annotation->module, code->address,
                              code->address + code->extent, error);
}

static bool annotate(struct annotated_function *function, const struct annotate_view *view,
                     const struct function_cost *cost, struct error *error)
{
    const struct binary *binary = binaries_get(view->binaries, cost->module);
    struct profile *counts = NULL;
    if (!annotation_counts(view->profile, cost->module, binary, &counts, error))
        return false;
    function->is_corrected = counts && correction_is_sound(view->profile);
    function->is_inferred = counts && !function->is_corrected;
    bool done =
        annotation_build(&function->annotation, view->profile, counts ? counts : view->profile,
                         cost->module, cost->function, view->binaries, error) &&
        (function->disassembler = disassembler_new(binary, error)) &&
        want_places(function, view, error);
    profile_free(counts);
    return done;
}

static bool show(const struct annotate_view *view, const struct function_cost *cost, json_t *list,
                 struct error *error)
{
    struct annotated_function function = {0};
    bool done = annotate(&function, view, cost, error);
    if (done && list)
        json_array_append_new(list, annotate_json(view, &function));
    else if (done)
        done = annotate_print(view, &function, stdout, error);
    source_places_free(function.places);
    disassembler_free(function.disassembler);
    annotation_free(&function.annotation);
    return done;
}

/* --- which ------------------------------------------------------------------------------------ */

static bool show_hottest(const struct annotate_view *view, size_t wanted, uint32_t module,
                         json_t *list, struct error *error)
{
    uint32_t *order = function_costs_order(&view->costs, ORDER_BY_SELF, error);
    bool done = order != NULL;
    for (size_t i = 0; done && i < view->costs.count && wanted > 0; i++) {
        const struct function_cost *cost = &view->costs.items[order[i]];
        if (!cost->function || cost->self + cost->runs == 0 ||
            (module != PROFILE_MODULE_NONE && cost->module != module))
            continue;
        done = show(view, cost, list, error);
        wanted--;
    }
    free(order);
    return done;
}

static bool show_named(const struct annotate_view *view, const char *name, uint32_t module,
                       json_t *list, struct error *error)
{
    size_t index;
    return function_costs_named(&view->costs, name, module, &index, error) &&
           show(view, &view->costs.items[index], list, error);
}

static bool show_wanted(const struct annotate_view *view, const struct annotate_options *options,
                        struct error *error)
{
    uint32_t module = PROFILE_MODULE_NONE;
    json_t *list = options->shared.json ? json_array() : NULL;
    bool done = (!options->shared.module ||
                 profile_find_module(view->profile, options->shared.module, &module, error)) &&
                (options->function ? show_named(view, options->function, module, list, error)
                                   : show_hottest(view, options->hottest, module, list, error));
    if (done && list) {
        json_t *object = json_versioned();
        json_object_set(object, "functions", list);
        json_dumpf(object, stdout, JSON_INDENT(1)); /* the caller looks at the stream */
        fputc('\n', stdout);
        json_decref(object);
    }
    if (list)
        json_decref(list);
    return done;
}

/* --- the profile ------------------------------------------------------------------------------ */

static void tell_missing_sources(const struct source_texts *texts)
{
    const char *first;
    size_t missing = source_texts_missing(texts, &first);
    if (missing > 0)
        message_note("%zu source file%s not found, %s first: --source-dir says where to look",
                     missing, missing == 1 ? " was" : "s were", first);
}

static bool annotate_profile(const struct annotate_options *options, const struct profile *profile,
                             const struct binary *binary, struct error *error)
{
    struct annotate_view view = {.profile = profile,
                                 .demangled = !options->shared.is_mangled,
                                 .source_only = options->source_only};
    uint32_t module;
    if (!inputs_check_samples(&options->shared.inputs, profile, error) ||
        (binary && (!binary_find_module(binary, profile, &module, error) ||
                    !profile_check_addresses(profile, module, binary, error))) ||
        !(view.binaries = binaries_new(profile, error)))
        return false;
    if (binary)
        binaries_give(view.binaries, module, binary);
    bool done =
        (view.texts = source_texts_new(options->source_directories, error)) &&
        function_costs_find(&view.costs, profile, view.binaries, PROFILE_MODULE_NONE, error) &&
        show_wanted(&view, options, error);
    if (done)
        tell_missing_sources(view.texts);
    source_texts_free(view.texts);
    function_costs_free(&view.costs);
    binaries_free(view.binaries);
    return done;
}

static bool run(const struct annotate_options *options, struct error *error)
{
    const struct verb_options *shared = &options->shared;
    struct binary *binary = shared->binary ? binary_open(shared->binary, error) : NULL;
    if (shared->binary && !binary)
        return false;
    struct profile *profile = inputs_read(&shared->inputs, binary, error);
    bool done = profile && (!binary || verb_translate_rewritten(&profile, binary, error)) &&
                annotate_profile(options, profile, binary, error);
    profile_free(profile);
    binary_free(binary);
    return done;
}

int verb_annotate(int argc, char **argv)
{
    static const struct argp parser = {
        own_options, parse_option, "FUNCTION [PROFILE...]", documentation, children, NULL, NULL};
    struct annotate_options options = {0};
    struct error *error = &options.shared.error;
    int status = EXIT_STATUS_DONE;
    if (help_argp_parse(&parser, argc, argv, &options) != 0 ||
        !inputs_add_default(&options.shared.inputs, &options.found, error) || !run(&options, error))
        status = verb_failed(error);
    inputs_free(&options.shared.inputs);
    globfree(&options.found);
    return status;
}
