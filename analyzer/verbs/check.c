/* pgo-analyze check: is a profile good enough to optimise this build with? */
#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/compare/convergence.h"
#include "analyzer/model/compare/staleness.h"
#include "analyzer/model/counts/edges.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/json_parts.h"

enum { OPTION_JSON = 256 };

/*
 * Branches in all windows, and samples where no branches are known.  Recordings
 * with fewer branches than the first had 44 to 93 % in common with a longer one,
 * with more 90 % and more, and beyond the second 96 % (tests/bench/check.sh).
 */
#define BRANCHES_POOR 20000
#define BRANCHES_ENOUGH 150000
#define SAMPLES_POOR 3000
#define SAMPLES_ENOUGH 20000
/* Converged less than this is worth little. */
#define CONVERGED_POOR 0.85
/* Counts that the build's code does not allow: a few come from damage, more from changes. */
#define STALE_SOME 0.005
#define STALE_POOR 0.05
#define STALE_LISTED 5
/* Functions that have this share of the counts are the hot ones. */
#define HOT_SHARE 0.9
/* Counts a byte of hot code, where branches are known and where only samples are. */
#define DENSITY_BRANCHES 1.0
#define DENSITY_SAMPLES 0.25

enum verdict { VERDICT_OK, VERDICT_FAIR, VERDICT_POOR };

struct finding {
    const char *name;
    enum verdict verdict;
    char text[640];
    char remedy[256]; /* empty where there is nothing to be done */
    json_t *figures;
};

struct arguments {
    struct binary_choice choice;
    bool json;
    struct inputs inputs;
    struct error error;
};

struct check {
    const struct arguments *arguments;
    struct profile *profile; /* NULL where the inputs are by symbol */
    struct binary *binary;
    uint32_t module;
    bool is_other_build;
    uint32_t recorded; /* the module, where it is of another build */
    struct symbol_profile symbols;
    struct staleness staleness;
    struct finding findings[8];
    size_t finding_count;
};

static const char documentation[] =
    "Say whether profiles are good enough, and of this build: a verdict a line, and what to do.\v"
    "The binary is the build to be optimised; without -b, the recorded program, at the path where "
    "it was recorded.\n\n"
    "Examples:\n"
    "  pgo-analyze check app.pgoraw\n"
    "  pgo-analyze check -b ./app-1.3 *.pgoraw && pgo-bolt relink ./app-1.3 -p *.pgoraw\n"
    "  pgo-analyze check --json -b ./app app.fdata | jq -r .verdict\n\n"
    "Exit status: 0 no verdict is poor, 1 one is, 2 wrong usage, 3 a file or the system does not "
    "allow it.";

static const struct argp_option options[] = {
    {"json", OPTION_JSON, NULL, 0, "for other programs", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->choice;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        return inputs_add(&arguments->inputs, value, 1, &arguments->error) ? 0 : ENOMEM;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no profile was given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char *verdict_text(enum verdict verdict)
{
    static const char *const texts[] = {"ok", "fair", "poor"};
    return texts[verdict];
}

static struct finding *add_finding(struct check *check, const char *name, enum verdict verdict)
{
    struct finding *finding = &check->findings[check->finding_count++];
    *finding = (struct finding){.name = name, .verdict = verdict, .figures = json_object()};
    return finding;
}

static enum verdict grade(double value, double poor, double enough)
{
    return value < poor ? VERDICT_POOR : value < enough ? VERDICT_FAIR : VERDICT_OK;
}

/* --- which build --------------------------------------------------------------------- */

/* The recorded module that the binary is another build of: by --module, or by its file's name. */
static bool find_recorded(struct check *check, struct error *error)
{
    const struct profile *profile = check->profile;
    if (check->arguments->choice.module)
        return profile_find_module(profile, check->arguments->choice.module, &check->recorded,
                                   error);
    const char *name = text_file_name(binary_path(check->binary));
    for (size_t i = 0; i < profile->module_count; i++) {
        if (strcmp(text_file_name(profile->modules[i].path), name) == 0) {
            check->recorded = (uint32_t)i;
            return true;
        }
    }
    for (size_t i = 0; i < profile->module_count; i++) {
        if (profile->modules[i].is_main) {
            check->recorded = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool find_build(struct check *check, struct error *error)
{
    const struct arguments *arguments = check->arguments;
    struct error other = {0};
    char given[PROFILE_BUILD_ID_TEXT], recorded[PROFILE_BUILD_ID_TEXT];
    uint32_t size;
    const uint8_t *build_id;
    struct finding *finding;

    if (!check->binary &&
        !verb_choose_binary(arguments->choice.module, arguments->inputs.items[0].path,
                            check->profile, &check->binary, error))
        return false;
    build_id = binary_build_id(check->binary, &size);
    if (binary_find_module(check->binary, check->profile, &check->module, &other)) {
        check->recorded = check->module;
        finding = add_finding(check, "build", VERDICT_OK);
        snprintf(finding->text, sizeof(finding->text), "%.300s is the recorded build (build-id %s)",
                 binary_path(check->binary), build_id_text(build_id, size, given));
        return true;
    }
    if (!find_recorded(check, &other)) {
        *error = other;
        return false;
    }
    const struct module *module = &check->profile->modules[check->recorded];
    check->module = check->recorded;
    check->is_other_build = true;
    finding = add_finding(check, "build", VERDICT_POOR);
    snprintf(finding->text, sizeof(finding->text), "%.200s has build-id %s, recorded was %s",
             binary_path(check->binary), build_id_text(build_id, size, given),
             build_id_text(module->build_id, module->build_id_size, recorded));
    snprintf(finding->remedy, sizeof(finding->remedy),
             "give the build that was recorded, or record this one");
    return true;
}

/* --- how much ------------------------------------------------------------------------- */

static uint64_t samples_of(const struct profile *profile, uint32_t module)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE && trace->to.module == module)
            samples = count_add(samples, trace->count);
    }
    return samples;
}

static uint64_t branches_of(const struct profile *profile, uint32_t module)
{
    uint64_t branches = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == module)
            branches = count_add(branches, trace->count);
    }
    return branches;
}

/* Returns the branches that one sample tells, 1 at least. */
static uint64_t check_samples(struct check *check)
{
    char text[2][32];
    uint64_t samples = samples_of(check->profile, check->module);
    uint64_t branches = branches_of(check->profile, check->module);
    bool by_branches = branches > samples;
    double known = (double)(by_branches ? branches : samples);
    double enough = by_branches ? BRANCHES_ENOUGH : SAMPLES_ENOUGH;
    struct finding *finding = add_finding(
        check, "samples", grade(known, by_branches ? BRANCHES_POOR : SAMPLES_POOR, enough));
    snprintf(finding->text, sizeof(finding->text), "%s samples, %s branches",
             count_text(samples, text[0]), count_text(branches, text[1]));
    if (finding->verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy),
                 "record %.0f times as much (longer, or -F higher)",
                 ceil(enough / (known > 0 ? known : 1)));
    json_object_set_new(finding->figures, "samples", json_number(samples));
    json_object_set_new(finding->figures, "branches", json_number(branches));
    return samples > 0 && branches > samples ? branches / samples : 1;
}

/* Every other input on its own, as a profile by symbol of the same module. */
static bool read_half(const struct check *check, size_t first, struct symbol_profile *half,
                      struct error *error)
{
    const struct inputs *all = &check->arguments->inputs;
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

static bool measure_halves(const struct check *check, struct convergence *convergence,
                           struct error *error)
{
    struct symbol_profile halves[2] = {0};
    bool done = read_half(check, 0, &halves[0], error) && read_half(check, 1, &halves[1], error) &&
                convergence_of_halves(convergence, &halves[0], &halves[1],
                                      check->arguments->inputs.items[0].path, error);
    symbol_profile_free(&halves[0]);
    symbol_profile_free(&halves[1]);
    return done;
}

static bool check_convergence(struct check *check, uint64_t branches, struct error *error)
{
    const struct inputs *inputs = &check->arguments->inputs;
    struct convergence convergence;
    struct error unused;
    bool by_inputs =
        inputs->count > 1 && !check->is_other_build && measure_halves(check, &convergence, &unused);
    if (!by_inputs && !convergence_of_counts(&convergence, &check->symbols, branches,
                                             inputs->items[0].path, error))
        return false;
    struct finding *finding = add_finding(
        check, "convergence", grade(convergence.expected, CONVERGED_POOR, CONVERGENCE_ENOUGH));
    snprintf(finding->text, sizeof(finding->text),
             "%.1f %% the same as a recording without end: two halves have %.1f %% in common (%s)",
             100 * convergence.expected, 100 * convergence.halves,
             by_inputs ? "every other input" : "counts split at random");
    if (finding->verdict != VERDICT_OK && isfinite(convergence.longer))
        snprintf(finding->remedy, sizeof(finding->remedy), "record %.1f times as much for %.0f %%",
                 convergence.longer, 100 * CONVERGENCE_ENOUGH);
    else if (finding->verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy), "record much longer");
    json_object_set_new(finding->figures, "expected", json_real(convergence.expected));
    json_object_set_new(finding->figures, "halves", json_real(convergence.halves));
    json_object_set_new(finding->figures, "estimator",
                        json_string(by_inputs ? "inputs" : "split-counts"));
    if (isfinite(convergence.longer))
        json_object_set_new(finding->figures, "longer", json_real(convergence.longer));
    return true;
}

/* --- does it fit ------------------------------------------------------------------------ */

static void check_staleness(struct check *check)
{
    const struct staleness *staleness = &check->staleness;
    double share =
        staleness->counts > 0 ? (double)staleness->differing / (double)staleness->counts : 1;
    enum verdict verdict = grade(1 - share, 1 - STALE_POOR, 1 - STALE_SOME);
    struct finding *finding = add_finding(check, "staleness", verdict);
    json_t *list = json_array();
    size_t listed = 0;
    int size = snprintf(finding->text, sizeof(finding->text),
                        "%.2f %% of the counts are where this build's code has no such branch or "
                        "instruction, %zu functions are gone",
                        100 * share, staleness->gone_functions);
    for (size_t i = 0; i < staleness->function_count && listed < STALE_LISTED; i++) {
        const struct staleness_function *function = &staleness->functions[i];
        if (function->differing == 0)
            break; /* they come first that differ most */
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:b}", "name", json_text(function->name), "counts",
                            json_number(function->count), "differing",
                            json_number(function->differing), "gone", (int)function->is_gone));
        if (verdict != VERDICT_OK && size > 0 && (size_t)size < sizeof(finding->text))
            size += snprintf(finding->text + size, sizeof(finding->text) - (size_t)size,
                             "%s %.80s (%s)", listed ? "," : "; most in", function->name,
                             function->is_gone ? "gone" : "changed");
        listed++;
    }
    if (verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy), "%s",
                 verdict == VERDICT_POOR ? "record this build"
                                         : "record again when it grows: those functions lose");
    json_object_set_new(finding->figures, "differing", json_real(share));
    json_object_set_new(finding->figures, "gone_functions", json_number(staleness->gone_functions));
    json_object_set_new(finding->figures, "functions", list);
}

/* --- coverage and density ---------------------------------------------------------------- */

static int compare_by_count(const void *left, const void *right)
{
    const struct staleness_function *a = left;
    const struct staleness_function *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void check_coverage(struct check *check)
{
    struct staleness *staleness = &check->staleness;
    char text[3][32];
    uint64_t sum = 0;
    uint64_t bytes = 0;
    size_t hot = 0;
    if (staleness->function_count > 0)
        qsort(staleness->functions, staleness->function_count, sizeof(*staleness->functions),
              compare_by_count);
    while (hot < staleness->function_count && (double)sum < HOT_SHARE * (double)staleness->counts) {
        sum = count_add(sum, staleness->functions[hot].count);
        bytes += staleness->functions[hot++].size;
    }
    double density = bytes > 0 ? (double)sum / (double)bytes : 0;
    double enough = check->symbols.is_sampled ? DENSITY_SAMPLES : DENSITY_BRANCHES;
    struct finding *finding = add_finding(check, "coverage", grade(density, 0, enough));
    snprintf(finding->text, sizeof(finding->text),
             "%s of %s functions have counts; %zu have %.0f %% of them, %.2f counts a byte of "
             "their %s bytes",
             count_text(staleness->function_count, text[0]),
             count_text(binary_function_count(check->binary), text[1]), hot, 100 * HOT_SHARE,
             density, count_text(bytes, text[2]));
    if (finding->verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy), "record %.0f times as much",
                 ceil(enough / (density > 0.001 ? density : 0.001)));
    json_object_set_new(finding->figures, "functions", json_number(staleness->function_count));
    json_object_set_new(finding->figures, "hot_functions", json_number(hot));
    json_object_set_new(finding->figures, "hot_bytes", json_number(bytes));
    json_object_set_new(finding->figures, "density", json_real(density));
}

/* --- all of it ------------------------------------------------------------------------------ */

static bool check_addresses(struct check *check, struct error *error)
{
    const struct inputs *inputs = &check->arguments->inputs;
    bool done = (check->profile = inputs_read(inputs, check->binary, error)) &&
                inputs_check_samples(inputs, check->profile, error) && find_build(check, error);
    if (!done)
        return false;
    uint64_t branches = check_samples(check);
    struct binaries *binaries = binaries_new(check->profile, error);
    done = binaries &&
           symbol_profile_build(&check->symbols, check->profile, check->module, check->binary,
                                binaries, INFERENCE_OFF, error) &&
           staleness_of_addresses(&check->staleness, check->profile, check->module, check->binary,
                                  error);
    symbol_profile_sort(&check->symbols);
    binaries_free(binaries);
    return done && check_convergence(check, branches, error);
}

static bool check_symbols(struct check *check, struct error *error)
{
    const struct inputs *inputs = &check->arguments->inputs;
    if (!check->binary) {
        error_set(error, ERROR_USAGE, inputs->items[0].path,
                  "it does not name its binary: give it with -b");
        return false;
    }
    if (!inputs_read_symbols(inputs, &check->symbols, error))
        return false;
    symbol_profile_sort(&check->symbols);
    return staleness_of_symbols(&check->staleness, &check->symbols, check->binary, error) &&
           check_convergence(check, 1, error);
}

static void print_text(const struct check *check, enum verdict worst)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct finding *finding = &check->findings[i];
        printf("%-5s %-12s ", verdict_text(finding->verdict), finding->name);
        text_print(stdout, finding->text);
        fputc('\n', stdout);
        if (*finding->remedy)
            printf("%18s %s\n", "remedy:", finding->remedy);
    }
    printf("verdict: %s\n", verdict_text(worst));
}

static void print_json(const struct check *check, enum verdict worst)
{
    json_t *object = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct finding *finding = &check->findings[i];
        json_t *item = json_object();
        json_object_set_new(item, "name", json_string(finding->name));
        json_object_set_new(item, "verdict", json_string(verdict_text(finding->verdict)));
        json_object_set_new(item, "text", json_text(finding->text));
        if (*finding->remedy)
            json_object_set_new(item, "remedy", json_text(finding->remedy));
        json_object_update(item, finding->figures);
        json_array_append_new(list, item);
    }
    json_object_set_new(object, "verdict", json_string(verdict_text(worst)));
    json_object_set_new(object, "checks", list);
    json_dumpf(object, stdout, JSON_INDENT(2)); /* the caller looks at the stream */
    fputc('\n', stdout);
    json_decref(object);
}

static bool run(const struct arguments *arguments, enum verdict *worst, struct error *error)
{
    struct check check = {.arguments = arguments};
    enum profile_kind kind;
    bool done = inputs_kind(&arguments->inputs, &kind, error);
    if (done && kind == PROFILE_BY_LINE) {
        error_set(error, ERROR_PROFILE_KIND, arguments->inputs.items[0].path,
                  "it is by source line: clang itself says whether it is stale "
                  "(-mllvm -report-profile-staleness)");
        done = false;
    }
    if (done && arguments->choice.binary)
        done = (check.binary = binary_open(arguments->choice.binary, error)) != NULL;
    done = done && (kind == PROFILE_BY_SYMBOL ? check_symbols(&check, error)
                                              : check_addresses(&check, error));
    if (done) {
        check_staleness(&check);
        check_coverage(&check);
        *worst = VERDICT_OK;
        for (size_t i = 0; i < check.finding_count; i++) {
            if (check.findings[i].verdict > *worst)
                *worst = check.findings[i].verdict;
        }
        (arguments->json ? print_json : print_text)(&check, *worst);
    }
    for (size_t i = 0; i < check.finding_count; i++)
        json_decref(check.findings[i].figures);
    staleness_free(&check.staleness);
    symbol_profile_free(&check.symbols);
    profile_free(check.profile);
    binary_free(check.binary);
    return done;
}

int verb_check(int argc, char **argv)
{
    static const struct argp_child children[] = {{&binary_choice_parser, 0, NULL, 0}, {0}};
    static const struct argp parser = {options,  parse_option, "PROFILE...", documentation,
                                       children, NULL,         NULL};
    struct arguments arguments = {0};
    struct error *error = &arguments.error;
    enum verdict worst = VERDICT_OK;
    bool done =
        argp_parse(&parser, argc, argv, 0, NULL, &arguments) == 0 && run(&arguments, &worst, error);
    if (done && (fflush(stdout) != 0 || ferror(stdout))) {
        error_set_errno(error, ERROR_WRITE, "standard output");
        done = false;
    }
    inputs_free(&arguments.inputs);
    if (!done)
        return verb_failed(error);
    return worst == VERDICT_POOR ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}
