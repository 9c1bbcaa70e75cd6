/* pgo-analyze check: is a profile good enough to optimise this build with? */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/help.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "analyzer/model/compare/quality.h"
#include "analyzer/model/symbols/symbol_build.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/json_parts.h"

static const char documentation[] =
    "Say whether profiles are good enough, and of this build: a verdict a line, and what to do.\v"
    "The binary is the build to be optimised; without -b, the recorded program, at the path where "
    "it was recorded.\n\n"
    "Examples:\n"
    "  pgo-analyze check app.pgoraw\n"
    "  pgo-analyze check -b ./app-1.3 *.pgoraw && pgo-bolt relink ./app-1.3 ...\n"
    "  pgo-analyze check --json -b ./app app.fdata | jq -r .verdict\n\n"
    "Exit status: 0 all verdicts are ok or weak, 1 one is fail, 2 wrong usage, 3 a file or the "
    "system does not allow it.";

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0}, {&option_module, 0, NULL, 0},   {&option_json, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},  {&option_profiles, 0, NULL, 0}, {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    (void)value;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    verb_options_share(state, children, state->input);
    return 0;
}

/* --- what is judged --------------------------------------------------------------------- */

struct check {
    const struct verb_options *options;
    struct profile *profile; /* NULL where the inputs are by symbol */
    struct binary *binary;
    struct symbol_profile symbols;
    struct symbol_profile halves[2];
    struct quality quality;
};

/* Every other input on its own, as a profile by symbol of the same module. */
static bool read_half(struct check *check, size_t first, struct error *error)
{
    const struct inputs *all = &check->options->inputs;
    struct symbol_profile *half = &check->halves[first];
    struct inputs inputs = {0};
    struct profile *profile = NULL;
    struct binaries *binaries = NULL;
    uint32_t module;
    bool done = true;

    for (size_t i = first; done && i < all->count; i += 2)
        done = inputs_add(&inputs, all->items[i].path, all->items[i].weight, error);
    if (done && !check->profile) {
        done = inputs_read_symbols(&inputs, half, error);
    } else if (done) {
        done = (profile = inputs_read(&inputs, check->binary, error)) &&
               binary_find_module(check->binary, profile, &module, error) &&
               (binaries = binaries_new(profile, error)) &&
               symbol_profile_build(half, profile, module, check->binary, binaries, INFERENCE_OFF,
                                    error);
        binaries_free(binaries);
    }
    if (done)
        symbol_profile_sort(half);
    profile_free(profile);
    inputs_free(&inputs);
    return done;
}

/* Where the inputs cannot be told apart, the profile is split instead. */
static void read_halves(struct check *check, struct quality_subject *subject)
{
    struct error unused;
    if (check->options->inputs.count < 2 || !read_half(check, 0, &unused) ||
        !read_half(check, 1, &unused))
        return;
    subject->halves[0] = &check->halves[0];
    subject->halves[1] = &check->halves[1];
}

static bool read_addresses(struct check *check, struct quality_subject *subject,
                           struct error *error)
{
    const struct inputs *inputs = &check->options->inputs;
    const char *module_name = check->options->module;
    struct error unused;
    uint32_t module;

    check->profile = inputs_read(inputs, check->binary, error);
    if (!check->profile || !inputs_check_samples(inputs, check->profile, error))
        return false;
    if (!check->binary && !verb_choose_binary(module_name, inputs->items[0].path, check->profile,
                                              &check->binary, error))
        return false;
    /* Another build is a finding. */
    verb_accept_rewritten(&check->profile, &check->binary, &unused);
    verb_tell_other_builds(check->profile, check->binary);
    if (module_name && !binary_find_module(check->binary, check->profile, &module, &unused) &&
        !profile_find_module(check->profile, module_name, &subject->module, error))
        return false;
    subject->profile = check->profile;
    return true;
}

static bool read_symbols(struct check *check, struct quality_subject *subject, struct error *error)
{
    const struct inputs *inputs = &check->options->inputs;

    if (!check->binary) {
        error_set(error, ERROR_USAGE, inputs->items[0].path,
                  "it does not name its binary: give it with -b");
        return false;
    }
    if (!inputs_read_symbols(inputs, &check->symbols, error))
        return false;
    symbol_profile_sort(&check->symbols);
    subject->symbols = &check->symbols;
    return true;
}

static bool judge(struct check *check, struct error *error)
{
    const struct verb_options *arguments = check->options;
    struct quality_subject subject = {.module = PROFILE_MODULE_NONE,
                                      .path = arguments->inputs.items[0].path};
    enum profile_kind kind;

    if (!inputs_kind(&arguments->inputs, &kind, error))
        return false;
    if (kind == PROFILE_BY_LINE) {
        error_set(error, ERROR_PROFILE_KIND, subject.path,
                  "it is by source line: clang itself says whether it is stale "
                  "(-mllvm -report-profile-staleness)");
        return false;
    }
    if (arguments->binary && !(check->binary = binary_open(arguments->binary, error)))
        return false;
    if (!(kind == PROFILE_BY_SYMBOL ? read_symbols : read_addresses)(check, &subject, error))
        return false;
    read_halves(check, &subject);
    subject.binary = check->binary;
    return quality_judge(&check->quality, &subject, error);
}

/* --- what is said ----------------------------------------------------------------------- */

#define TEXT_COLUMN 19

static void print_text(const struct quality *quality)
{
    size_t width = terminal_width(stdout);
    for (size_t i = 0; i < quality->finding_count; i++) {
        const struct quality_finding *finding = &quality->findings[i];
        verdict_print(stdout, finding->verdict);
        printf("  %-12s ", finding->name);
        text_print_words(stdout, finding->text, TEXT_COLUMN, width);
        fputc('\n', stdout);
        if (*finding->remedy) {
            printf("%*s ", TEXT_COLUMN - 1, "remedy:");
            text_print_words(stdout, finding->remedy, TEXT_COLUMN, width);
            fputc('\n', stdout);
        }
    }
    printf("verdict: %s\n", verdict_name(quality->verdict));
}

static json_t *figure_json(const struct quality_figure *figure)
{
    switch (figure->kind) {
    case QUALITY_COUNT:
        return json_number(figure->count);
    case QUALITY_REAL:
        return json_real(figure->real);
    case QUALITY_WORD:
        return json_string(figure->word);
    }
    return NULL;
}

static json_t *stale_functions_json(const struct quality *quality)
{
    json_t *list = json_array();
    for (size_t i = 0; i < quality_stale_functions(quality); i++) {
        const struct staleness_function *function = &quality->staleness.functions[i];
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:b}", "name", json_text(function->name), "counts",
                            json_number(function->count), "differing",
                            json_number(function->differing), "gone", (int)function->is_gone));
    }
    return list;
}

static json_t *finding_json(const struct quality *quality, const struct quality_finding *finding)
{
    json_t *item = json_object();
    json_object_set_new(item, "name", json_string(finding->name));
    json_object_set_new(item, "verdict", json_string(verdict_name(finding->verdict)));
    json_object_set_new(item, "text", json_text(finding->text));
    if (*finding->remedy)
        json_object_set_new(item, "remedy", json_text(finding->remedy));
    for (size_t i = 0; i < finding->figure_count; i++)
        json_object_set_new(item, finding->figures[i].name, figure_json(&finding->figures[i]));
    if (strcmp(finding->name, "staleness") == 0)
        json_object_set_new(item, "functions", stale_functions_json(quality));
    return item;
}

static void print_json(const struct quality *quality)
{
    json_t *object = json_versioned();
    json_t *list = json_array();
    for (size_t i = 0; i < quality->finding_count; i++)
        json_array_append_new(list, finding_json(quality, &quality->findings[i]));
    json_object_set_new(object, "verdict", json_string(verdict_name(quality->verdict)));
    json_object_set_new(object, "checks", list);
    json_dumpf(object, stdout, JSON_INDENT(2)); /* the caller looks at the stream */
    fputc('\n', stdout);
    json_decref(object);
}

static bool run(const struct verb_options *arguments, enum verdict *verdict, struct error *error)
{
    struct check check = {.options = arguments};
    bool done = judge(&check, error);

    if (done)
        (arguments->json ? print_json : print_text)(&check.quality);
    *verdict = check.quality.verdict;
    quality_free(&check.quality);
    symbol_profile_free(&check.symbols);
    symbol_profile_free(&check.halves[0]);
    symbol_profile_free(&check.halves[1]);
    profile_free(check.profile);
    binary_free(check.binary);
    return done;
}

int verb_check(int argc, char **argv)
{
    static const struct argp parser = {NULL,     parse_option, "PROFILE...", documentation,
                                       children, NULL,         NULL};
    struct verb_options arguments = {.no_profile = "no profile was given"};
    struct error *error = &arguments.error;
    enum verdict verdict = VERDICT_OK;
    bool done =
        help_argp_parse(&parser, argc, argv, &arguments) == 0 && run(&arguments, &verdict, error);

    inputs_free(&arguments.inputs);
    if (!done)
        return verb_failed(error);
    return verdict == VERDICT_FAIL ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}
