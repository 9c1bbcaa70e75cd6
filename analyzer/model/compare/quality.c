#include "analyzer/model/compare/quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/compare/convergence.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/module_counts.h"
#include "analyzer/model/symbols/symbol_build.h"
#include "include/pgoshim/enough.h"

/*
 * From here on, counts that agree with each other are believed; below, chance alone may agree.  Of
 * 50 samples none is in code that takes 6 % of the time once in 22 recordings.
 */
#define SAMPLES_BELIEVED 50
/* Converged less than this is worth little. */
#define CONVERGED_LITTLE 0.85
/* Counts that the build's code does not allow: a few come from damage, more from changes. */
#define STALE_SOME 0.005
#define STALE_MUCH 0.05
/* Functions that have this share of the counts are the hot ones. */
#define HOT_SHARE 0.9
/* Counts a byte of hot code, where branches are known and where only samples are. */
#define DENSITY_BRANCHES 1.0
#define DENSITY_SAMPLES 0.25

struct judgement {
    struct quality *quality;
    const struct quality_subject *subject;
    const struct symbol_profile *symbols; /* the subject's, or made of its addresses */
    uint32_t module;
    bool is_other_build;
    uint64_t branches_a_sample; /* 1 at least */
};

static struct quality_finding *add_finding(struct judgement *judgement, const char *name,
                                           enum verdict verdict)
{
    struct quality *quality = judgement->quality;
    struct quality_finding *finding = &quality->findings[quality->finding_count++];
    *finding = (struct quality_finding){.name = name, .verdict = verdict};
    quality->verdict = verdict_worse(quality->verdict, verdict);
    return finding;
}

static void add_figure(struct quality_finding *finding, struct quality_figure figure)
{
    finding->figures[finding->figure_count++] = figure;
}

static void add_count(struct quality_finding *finding, const char *name, uint64_t count)
{
    add_figure(finding,
               (struct quality_figure){.name = name, .kind = QUALITY_COUNT, .count = count});
}

static void add_real(struct quality_finding *finding, const char *name, double real)
{
    add_figure(finding, (struct quality_figure){.name = name, .kind = QUALITY_REAL, .real = real});
}

static void add_word(struct quality_finding *finding, const char *name, const char *word)
{
    add_figure(finding, (struct quality_figure){.name = name, .kind = QUALITY_WORD, .word = word});
}

static enum verdict grade(double value, double weak_from, double ok_from)
{
    return value < weak_from ? VERDICT_FAIL : value < ok_from ? VERDICT_WEAK : VERDICT_OK;
}

/* --- which build --------------------------------------------------------------------- */

/* The recorded module that the binary is another build of. */
static bool find_other_build(struct judgement *judgement)
{
    const struct profile *profile = judgement->subject->profile;
    const char *name = text_file_name(binary_path(judgement->subject->binary));

    if (judgement->subject->module != PROFILE_MODULE_NONE) {
        judgement->module = judgement->subject->module;
        return true;
    }
    for (size_t i = 0; i < profile->module_count; i++) {
        if (strcmp(text_file_name(profile->modules[i].path), name) == 0) {
            judgement->module = (uint32_t)i;
            return true;
        }
    }
    for (size_t i = 0; i < profile->module_count; i++) {
        if (profile->modules[i].is_main) {
            judgement->module = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool judge_build(struct judgement *judgement, struct error *error)
{
    const struct quality_subject *subject = judgement->subject;
    char given[PROFILE_BUILD_ID_TEXT], recorded[PROFILE_BUILD_ID_TEXT];
    struct quality_finding *finding;
    uint32_t size;
    unsigned machine;
    const uint8_t *build_id = binary_build_id(subject->binary, &size);

    if (binary_find_module(subject->binary, subject->profile, &judgement->module, error)) {
        finding = add_finding(judgement, "build", VERDICT_OK);
        snprintf(finding->text, sizeof(finding->text), "%.300s is the recorded build (build-id %s)",
                 binary_path(subject->binary), build_id_text(build_id, size, given));
        return true;
    }
    /* Another build can be compared, code of another machine cannot: the error says it. */
    if (binary_is_of_other_machine(subject->binary, subject->profile, &machine) ||
        !find_other_build(judgement))
        return false;
    const struct module *module = &subject->profile->modules[judgement->module];
    judgement->is_other_build = true;
    finding = add_finding(judgement, "build", VERDICT_FAIL);
    snprintf(finding->text, sizeof(finding->text), "%.200s has build-id %s, recorded was %s",
             binary_path(subject->binary), build_id_text(build_id, size, given),
             build_id_text(module->build_id, module->build_id_size, recorded));
    snprintf(finding->remedy, sizeof(finding->remedy),
             "give the build that was recorded, or record this one");
    return true;
}

/* --- how much ------------------------------------------------------------------------- */

static void judge_samples(struct judgement *judgement)
{
    char text[2][32];
    struct module_counts counts =
        profile_module_counts(judgement->subject->profile, judgement->module);
    bool by_branches = counts.branches > counts.samples;
    double known = (double)(by_branches ? counts.branches : counts.samples);
    double enough = by_branches ? PGOSHIM_BRANCHES_ENOUGH : PGOSHIM_SAMPLES_ENOUGH;
    struct quality_finding *finding =
        add_finding(judgement, "samples",
                    grade(known, by_branches ? PGOSHIM_BRANCHES_FEW : PGOSHIM_SAMPLES_FEW, enough));

    snprintf(finding->text, sizeof(finding->text), "%s sample%s, %s branches",
             text_count(counts.samples, text[0]), counts.samples == 1 ? "" : "s",
             text_count(counts.branches, text[1]));
    if (finding->verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy),
                 "record %.0f times as much (longer, or -F higher)",
                 ceil(enough / (known > 0 ? known : 1)));
    add_count(finding, "samples", counts.samples);
    add_count(finding, "branches", counts.branches);
    if (counts.samples > 0 && by_branches)
        judgement->branches_a_sample = counts.branches / counts.samples;
}

static bool judge_convergence(struct judgement *judgement, struct error *error)
{
    const struct quality_subject *subject = judgement->subject;
    struct convergence convergence;
    struct error unused;
    bool by_inputs = subject->halves[0] && !judgement->is_other_build &&
                     convergence_of_halves(&convergence, subject->halves[0], subject->halves[1],
                                           subject->path, &unused);

    if (!by_inputs && !convergence_of_counts(&convergence, judgement->symbols,
                                             judgement->branches_a_sample, subject->path, error))
        return false;
    struct quality_finding *finding =
        add_finding(judgement, "convergence",
                    grade(convergence.expected, CONVERGED_LITTLE, CONVERGENCE_ENOUGH));
    snprintf(finding->text, sizeof(finding->text),
             "%.1f %% the same as a recording without end: two halves have %.1f %% in common (%s)",
             100 * convergence.expected, 100 * convergence.halves,
             by_inputs ? "every other input" : "counts split at random");
    if (finding->verdict != VERDICT_OK && isfinite(convergence.longer))
        snprintf(finding->remedy, sizeof(finding->remedy), "record %.1f times as much for %.0f %%",
                 convergence.longer, 100 * CONVERGENCE_ENOUGH);
    else if (finding->verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy), "record much longer");
    add_real(finding, "expected", convergence.expected);
    add_real(finding, "halves", convergence.halves);
    add_word(finding, "estimator", by_inputs ? "inputs" : "split-counts");
    if (isfinite(convergence.longer))
        add_real(finding, "longer", convergence.longer);
    return true;
}

/* --- does it fit ------------------------------------------------------------------------ */

size_t quality_stale_functions(const struct quality *quality)
{
    const struct staleness *staleness = &quality->staleness;
    size_t count = 0;
    /* Those that differ most come first. */
    while (count < QUALITY_STALE_LISTED && count < staleness->function_count &&
           staleness->functions[count].differing > 0)
        count++;
    return count;
}

static void judge_staleness(struct judgement *judgement)
{
    const struct staleness *staleness = &judgement->quality->staleness;
    double share =
        staleness->counts > 0 ? (double)staleness->differing / (double)staleness->counts : 1;
    enum verdict verdict = grade(1 - share, 1 - STALE_MUCH, 1 - STALE_SOME);
    struct quality_finding *finding = add_finding(judgement, "staleness", verdict);
    size_t listed = verdict == VERDICT_OK ? 0 : quality_stale_functions(judgement->quality);
    int size = snprintf(finding->text, sizeof(finding->text),
                        "%.2f %% of the counts are where this build's code has no such branch or "
                        "instruction, %zu function%s gone",
                        100 * share, staleness->gone_functions,
                        staleness->gone_functions == 1 ? " is" : "s are");

    for (size_t i = 0; i < listed && size > 0 && (size_t)size < sizeof(finding->text); i++)
        size += snprintf(finding->text + size, sizeof(finding->text) - (size_t)size,
                         "%s %.80s (%s)", i > 0 ? "," : "; most in", staleness->functions[i].name,
                         staleness->functions[i].is_gone ? "gone" : "changed");
    if (verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy), "%s",
                 verdict == VERDICT_FAIL ? "record this build"
                                         : "record again when it grows: those functions lose");
    add_real(finding, "differing", share);
    add_count(finding, "gone_functions", staleness->gone_functions);
}

/* --- coverage and density ---------------------------------------------------------------- */

static int compare_by_count(const void *left, const void *right)
{
    const struct staleness_function *a = *(const struct staleness_function *const *)left;
    const struct staleness_function *b = *(const struct staleness_function *const *)right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->name, b->name);
}

struct hot_code {
    size_t functions;
    uint64_t counts, bytes;
};

/* The fewest functions that have HOT_SHARE of the counts. */
static bool find_hot_code(const struct staleness *staleness, struct hot_code *hot,
                          struct error *error)
{
    const struct staleness_function **functions =
        calloc(staleness->function_count + 1, sizeof(*functions));

    *hot = (struct hot_code){0};
    if (!functions)
        return memory_exhausted(error);
    for (size_t i = 0; i < staleness->function_count; i++)
        functions[i] = &staleness->functions[i];
    qsort(functions, staleness->function_count, sizeof(*functions), compare_by_count);
    while (hot->functions < staleness->function_count &&
           (double)hot->counts < HOT_SHARE * (double)staleness->counts) {
        hot->counts = count_add(hot->counts, functions[hot->functions]->count);
        hot->bytes += functions[hot->functions++]->size;
    }
    free(functions);
    return true;
}

static bool judge_coverage(struct judgement *judgement, struct error *error)
{
    const struct staleness *staleness = &judgement->quality->staleness;
    struct hot_code hot;
    char text[3][32];

    if (!find_hot_code(staleness, &hot, error))
        return false;
    double density = hot.bytes > 0 ? (double)hot.counts / (double)hot.bytes : 0;
    double enough = judgement->symbols->is_sampled ? DENSITY_SAMPLES : DENSITY_BRANCHES;
    struct quality_finding *finding = add_finding(judgement, "coverage", grade(density, 0, enough));
    snprintf(finding->text, sizeof(finding->text),
             "%s of %s functions have counts; %zu have %.0f %% of them, %.2f counts a byte of "
             "their %s bytes",
             text_count(staleness->function_count, text[0]),
             text_count(binary_function_count(judgement->subject->binary), text[1]), hot.functions,
             100 * HOT_SHARE, density, text_count(hot.bytes, text[2]));
    if (finding->verdict != VERDICT_OK)
        snprintf(finding->remedy, sizeof(finding->remedy), "record %.0f times as much",
                 ceil(enough / (density > 0.001 ? density : 0.001)));
    add_count(finding, "functions", staleness->function_count);
    add_count(finding, "hot_functions", hot.functions);
    add_count(finding, "hot_bytes", hot.bytes);
    add_real(finding, "density", density);
    return true;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* A small program is known from few samples: a longer recording would say the same. */
static void accept_few_that_agree(struct quality *quality)
{
    struct quality_finding *samples = NULL;
    bool agree = false;
    for (size_t i = 0; i < quality->finding_count; i++) {
        struct quality_finding *finding = &quality->findings[i];
        if (strcmp(finding->name, "samples") == 0)
            samples = finding;
        if (strcmp(finding->name, "convergence") == 0)
            agree = finding->verdict == VERDICT_OK;
    }
    if (samples && samples->verdict == VERDICT_FAIL && agree && samples->figure_count > 0 &&
        samples->figures[0].count >= SAMPLES_BELIEVED)
        samples->verdict = VERDICT_WEAK;
    quality->verdict = VERDICT_OK;
    for (size_t i = 0; i < quality->finding_count; i++)
        quality->verdict = verdict_worse(quality->verdict, quality->findings[i].verdict);
}

/* Of a stripped build nothing is told by function: no recording mends that. */
static void ask_for_symbols(struct quality *quality)
{
    if (quality->staleness.counts > 0 || quality->staleness.outside == 0)
        return;
    for (size_t i = 0; i < quality->finding_count; i++) {
        struct quality_finding *finding = &quality->findings[i];
        if (strcmp(finding->name, "build") == 0 || strcmp(finding->name, "samples") == 0)
            continue;
        if (strcmp(finding->name, "staleness") == 0)
            snprintf(finding->text, sizeof(finding->text),
                     "not known: what was counted is in no function that this build has a symbol "
                     "of");
        snprintf(finding->remedy, sizeof(finding->remedy), "give the build with its symbols (-b)");
    }
}

static bool judge_rest(struct judgement *judgement, struct error *error)
{
    if (!judge_convergence(judgement, error))
        return false;
    accept_few_that_agree(judgement->quality);
    judge_staleness(judgement);
    if (!judge_coverage(judgement, error))
        return false;
    ask_for_symbols(judgement->quality);
    return true;
}

static bool judge_addresses(struct judgement *judgement, struct error *error)
{
    const struct quality_subject *subject = judgement->subject;
    struct symbol_profile symbols = {0};

    if (!judge_build(judgement, error))
        return false;
    judge_samples(judgement);
    struct binaries *binaries = binaries_new(subject->profile, error);
    bool done = binaries &&
                symbol_profile_build(&symbols, subject->profile, judgement->module, subject->binary,
                                     binaries, INFERENCE_OFF, error) &&
                staleness_of_addresses(&judgement->quality->staleness, subject->profile,
                                       judgement->module, subject->binary, error);
    binaries_free(binaries);
    if (done) {
        symbol_profile_sort(&symbols);
        judgement->symbols = &symbols;
        done = judge_rest(judgement, error);
        judgement->symbols = NULL;
    }
    symbol_profile_free(&symbols);
    return done;
}

bool quality_judge(struct quality *quality, const struct quality_subject *subject,
                   struct error *error)
{
    struct judgement judgement = {
        .quality = quality,
        .subject = subject,
        .symbols = subject->symbols,
        .branches_a_sample = 1,
    };
    *quality = (struct quality){.verdict = VERDICT_OK};
    if (subject->profile)
        return judge_addresses(&judgement, error);
    return staleness_of_symbols(&quality->staleness, subject->symbols, subject->binary, error) &&
           judge_rest(&judgement, error);
}

void quality_free(struct quality *quality)
{
    staleness_free(&quality->staleness);
}
