#include "bolt-bridge/tune/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/write/json_parts.h"
#include "bolt-bridge/report/counts_table.h"
#include "bolt-bridge/report/table.h"
#include "bolt-bridge/tune/nearest.h"
#include "bolt-bridge/tune/trial.h"

/* Changes of less than this, as a fraction of the model's cycles, are not listed. */
#define MATTERS 0.0005
#define TEXT_SIZE 1024

/* Columns, here and in percent of the default. */
static const struct {
    enum count_kind kind;
    int width;
    const char *name, *short_name;
} shown[] = {{COUNT_JUMPS, 13, "taken jumps", "jumps"},
             {COUNT_MISPREDICTED, 13, "mispredicted", "mispr."},
             {COUNT_CODE_MISSES, 12, "code misses", NULL},
             {COUNT_LINES, 7, "lines", "lines"},
             {COUNT_CYCLES, 14, "model cycles", "cycles"}};
#define SHOWN (sizeof(shown) / sizeof(*shown))

static size_t change_count(const struct candidate *candidate)
{
    size_t count = candidate->profile != 0;
    for (size_t axis = 0; axis < TUNE_AXES; axis++)
        count += candidate->picks[axis] != 0;
    return count;
}

static double change(const struct tune *tune, const struct layout_trial *trial, size_t workload,
                     enum count_kind kind)
{
    double before = (double)tune->trials[0].runs[workload].run.counts.values[kind];
    double after = (double)trial->runs[workload].run.counts.values[kind];
    return before > 0 ? 100 * (after / before - 1) : 0;
}

static int compare_effects(const void *left, const void *right)
{
    const struct layout_trial *a = *(const struct layout_trial *const *)left;
    const struct layout_trial *b = *(const struct layout_trial *const *)right;
    int order = COMPARE(a->screened, b->screened);
    return order ? order : COMPARE(a, b);
}

/* Single changes that matter, by what they gain; their number. */
static size_t list_effects(const struct tune *tune, const struct layout_trial *effects[TUNE_TRIALS])
{
    size_t count = 0;

    for (size_t i = 1; i < tune->trial_count; i++) {
        const struct layout_trial *trial = &tune->trials[i];
        if (trial->state == TRIAL_GOOD && trial->screened > 0 &&
            change_count(&trial->candidate) == 1 && fabs(trial->screened - 1) >= MATTERS)
            effects[count++] = trial;
    }
    qsort(effects, count, sizeof(*effects), compare_effects);
    return count;
}

static size_t count_state(const struct tune *tune, enum trial_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < tune->trial_count; i++)
        count += tune->trials[i].state == state;
    return count;
}

static void print_effects(const struct tune *tune)
{
    const struct layout_trial *effects[TUNE_TRIALS];
    char text[TEXT_SIZE];
    size_t count = list_effects(tune, effects);

    if (!count) {
        puts("no single option changes the model's cycles by 0.05 %");
        return;
    }
    printf("what single options change, in %% of the default:\n  %-41s", "");
    for (size_t k = 0; k < SHOWN; k++)
        if (shown[k].short_name)
            printf(" %8s", shown[k].short_name);
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        candidate_text(&effects[i]->candidate, tune->profile_names, text, sizeof(text));
        printf("  %-41s", text);
        for (size_t k = 0; k < SHOWN; k++)
            if (shown[k].short_name)
                printf(" %+8.2f", change(tune, effects[i], tune->screening, shown[k].kind));
        putchar('\n');
    }
}

static void print_faults(const struct tune *tune)
{
    char text[TEXT_SIZE];

    for (size_t i = 0; i < tune->trial_count; i++) {
        const struct layout_trial *trial = &tune->trials[i];
        if (trial->state != TRIAL_FAILED && trial->state != TRIAL_DIFFERENT)
            continue;
        candidate_text(&trial->candidate, tune->profile_names, text, sizeof(text));
        printf("left out: %s: %s\n", text, trial->reason);
    }
}

static void print_counts(const char *name, const struct tune *tune, const struct tune_count *runs,
                         size_t workload)
{
    const struct counts *first = &tune->trials[0].runs[workload].run.counts;

    printf("    %-7s", name);
    for (size_t i = 0; i < SHOWN; i++)
        printf("%*llu", shown[i].width,
               (unsigned long long)runs[workload].run.counts.values[shown[i].kind]);
    double before = (double)first->values[COUNT_CYCLES];
    printf(" %+7.2f %%\n",
           100 * ((double)runs[workload].run.counts.values[COUNT_CYCLES] / before - 1));
}

static void print_workloads(const struct tune *tune)
{
    const struct layout_trial *winner = &tune->trials[tune->winner];

    printf("%11s", "");
    for (size_t i = 0; i < SHOWN; i++)
        printf("%*s", shown[i].width, shown[i].name);
    puts("  change");
    for (size_t i = 0; i < tune->workload_count; i++) {
        const char *name = tune_workload(tune, i)->name;
        printf("  %s%s%s\n", i < tune->request->workloads->count ? "tuned for" : "held out",
               name ? ": " : "", name ? name : "");
        print_counts("plain", tune, tune->plain, i);
        print_counts("default", tune, tune->trials[0].runs, i);
        if (tune->winner && winner->runs[i].known)
            print_counts("winner", tune, winner->runs, i);
    }
}

static void print_result(const struct tune *tune)
{
    char text[TEXT_SIZE], nearest[TEXT_SIZE + 128], sentence[256];

    candidate_text(&tune->trials[tune->winner].candidate, tune->profile_names, text, sizeof(text));
    if (tune->compared && tune->comparison.same) {
        table_sentence(&tune->comparison.all.cpu[MEASURE_B], sentence, sizeof(sentence));
        printf("timed against the default: %s\n", sentence);
    }
    switch (tune->result) {
    case TUNE_BETTER:
        printf("%s: made with %s\n", tune->request->output, text);
        break;
    case TUNE_NOTHING:
        nearest_text(tune, nearest, sizeof(nearest));
        printf("%s: made with the default options: nothing that was tried beats them\n(%s)\n",
               tune->request->output, nearest);
        break;
    case TUNE_NOT_CONFIRMED:
        printf("%s: made with the default options: by counts %s is better, but %s\n",
               tune->request->output, text, tune->why);
        break;
    }
}

void tune_report_print(const struct tune *tune)
{
    printf("%zu layouts by llvm-bolt %s in %.0f s%s: %zu are like another one; %zu runs were "
           "counted, %zu known from before\n",
           tune->trial_count, tune->bolt.version, tune->seconds,
           tune->time_was_up ? " (the time was up)" : "", count_state(tune, TRIAL_SAME_LAYOUT),
           tune->counted, tune->kept);
    print_faults(tune);
    print_effects(tune);
    if (tune->chance >= MATTERS)
        printf("layouts that run the same code differ by up to %.2f %% of the cycles in the\n"
               "model's mispredicted branches: to gain less by these is chance\n",
               100 * tune->chance);
    print_workloads(tune);
    if (tune->winner && !tune->request->held_out->count)
        puts("nothing was held out (--hold-out): whether other work gains is not known");
    print_result(tune);
}

static json_t *trial_json(const struct tune *tune, const struct layout_trial *trial)
{
    static const char *const states[] = {[TRIAL_GOOD] = "good",
                                         [TRIAL_FAILED] = "failed",
                                         [TRIAL_DIFFERENT] = "different",
                                         [TRIAL_SAME_LAYOUT] = "same layout"};
    const char *options[CANDIDATE_OPTIONS];
    size_t count = candidate_options(&trial->candidate, options);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(options[i]));
    json_t *object =
        json_pack("{s:o, s:s, s:s}", "options", list, "profile",
                  tune->profile_names[trial->candidate.profile], "state", states[trial->state]);
    if (*trial->reason)
        json_object_set_new(object, "reason", json_text(trial->reason));
    if (trial->state == TRIAL_SAME_LAYOUT)
        json_object_set_new(object, "same_as", json_integer((json_int_t)trial->same_as));
    if (trial->screened > 0)
        json_object_set_new(object, "screened", json_real(trial->screened));
    if (trial->tuned > 0)
        json_object_set_new(object, "tuned", json_real(trial->tuned));
    if (trial->held_out > 0)
        json_object_set_new(object, "held_out", json_real(trial->held_out));
    return object;
}

static json_t *workloads_json(const struct tune *tune)
{
    const struct layout_trial *winner = &tune->trials[tune->winner];
    json_t *list = json_array();

    for (size_t i = 0; i < tune->workload_count; i++) {
        json_t *item = json_pack(
            "{s:s*, s:b, s:o, s:o}", "name", tune_workload(tune, i)->name, "held_out",
            i >= tune->request->workloads->count, "plain",
            counts_table_counts(COUNTS_BY_VALGRIND, &tune->plain[i].run.counts), "default",
            counts_table_counts(COUNTS_BY_VALGRIND, &tune->trials[0].runs[i].run.counts));
        if (tune->winner && winner->runs[i].known)
            json_object_set_new(
                item, "winner",
                counts_table_counts(COUNTS_BY_VALGRIND, &winner->runs[i].run.counts));
        json_array_append_new(list, item);
    }
    return list;
}

json_t *tune_report_json(const struct tune *tune)
{
    static const char *const results[] = {[TUNE_BETTER] = "better",
                                          [TUNE_NOTHING] = "nothing beats the default",
                                          [TUNE_NOT_CONFIRMED] = "not confirmed"};
    json_t *trials = json_array();
    char nearest[TEXT_SIZE + 128];
    const char *why = tune->why;

    for (size_t i = 0; i < tune->trial_count; i++)
        json_array_append_new(trials, trial_json(tune, &tune->trials[i]));
    if (tune->result == TUNE_NOTHING) {
        nearest_text(tune, nearest, sizeof(nearest));
        why = nearest;
    }
    return json_pack("{s:o, s:s, s:s*, s:s, s:I, s:f, s:b, s:f, s:I, s:I, s:o, s:o}", "output",
                     json_text(tune->request->output), "result", results[tune->result], "why", why,
                     "llvm_bolt", tune->bolt.version, "winner", (json_int_t)tune->winner, "chance",
                     tune->chance, "time_was_up", tune->time_was_up, "seconds", tune->seconds,
                     "counted", (json_int_t)tune->counted, "kept", (json_int_t)tune->kept,
                     "workloads", workloads_json(tune), "trials", trials);
}
