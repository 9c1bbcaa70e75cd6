#include "bolt-bridge/cycle/checklist.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "bolt-bridge/cycle/sides.h"
#include "bolt-bridge/report/table.h"

/* A raw profile below this has little in it. */
#define SMALL_PROFILE_BYTES 4096
/* How much a rebuilt file may grow, a small one too; relinked, BOLT keeps the old code and aligns
 * to 2 MiB. */
#define DEFAULT_GROWTH 0.05
#define GROWTH_BYTES (64u << 10)
#define BOLT_GROWTH_FACTOR 2.0
#define BOLT_GROWTH_BYTES (8u << 20)
/* Memory that alignment may cost whatever the program takes. */
#define MEMORY_SLACK_BYTES (4u << 20)

#define KIB 1024.0
#define MIB 1048576.0
#define SHOWN_IN_KIB (10 * MIB)

static void __attribute__((format(printf, 5, 6))) add(struct checklist *checklist, const char *name,
                                                      enum verdict verdict, const char *reason,
                                                      const char *format, ...)
{
    va_list arguments;

    assert(checklist->count < CHECKLIST_ITEMS);
    struct checklist_item *item = &checklist->items[checklist->count++];
    item->name = name;
    item->verdict = verdict;
    item->reason = reason;
    va_start(arguments, format);
    vsnprintf(item->text, sizeof(item->text), format, arguments);
    va_end(arguments);
}

static void judge_coverage(struct checklist *checklist, const struct cycle_subject *subject)
{
    static const char *const texts[] = {[VERDICT_OK] = "enough",
                                        [VERDICT_WEAK] = "enough to gain by",
                                        [VERDICT_FAIL] = "too little"};

    if (!subject->is_judged)
        add(checklist, "coverage", VERDICT_WEAK, "the coverage is not known", "not known: %s",
            subject->coverage);
    else
        add(checklist, "coverage",
            subject->coverage_verdict == VERDICT_FAIL ? VERDICT_WEAK : VERDICT_OK,
            "the profile covers too little", "%s%s%s", texts[subject->coverage_verdict],
            *subject->coverage ? ": " : "", subject->coverage);
}

static void judge_profile(struct checklist *checklist, const struct cycle_subject *subject)
{
    uint64_t bytes = file_size(subject->profile);
    char samples[32], branches[32];

    if (!subject->own_samples) {
        add(checklist, "profile size", VERDICT_OK, NULL,
            "empty: the program waits for something else most of its time, and no layout "
            "of its code changes that");
        return;
    }
    add(checklist, "profile size", bytes < SMALL_PROFILE_BYTES ? VERDICT_WEAK : VERDICT_OK,
        "the profile is small", "%.1f KiB, %s samples and %s taken branches of the program",
        (double)bytes / 1024, text_count(subject->own_samples, samples),
        text_count(subject->own_branches, branches));
    judge_coverage(checklist, subject);
}

static void judge_merge(struct checklist *checklist, const struct cycle_subject *subject)
{
    if (subject->damaged)
        add(checklist, "merge", VERDICT_FAIL, "recordings are damaged",
            "%zu of %zu recordings are damaged and were left out", subject->damaged,
            subject->damaged + subject->recordings);
    else
        add(checklist, "merge", VERDICT_OK, NULL, "clean: %zu recordings%s", subject->recordings,
            subject->empty_workloads ? ", some workloads without samples" : "");
}

static void judge_archive(struct checklist *checklist, const struct cycle_subject *subject)
{
    if (!subject->own_samples)
        return;
    if (*subject->archive)
        add(checklist, "archive", VERDICT_OK, NULL, "%s", subject->archive);
    else
        add(checklist, "archive", VERDICT_WEAK, "the profile is not archived",
            "the profile is gone afterwards: keep it with --profile-dir DIR (the program needs a "
            "build-id: -Wl,--build-id)");
}

static void judge_size(struct checklist *checklist, const struct cycle *cycle)
{
    double before = (double)file_size(cycle->plain.path);
    double after = (double)file_size(cycle->candidate);
    double limit = before * (1 + DEFAULT_GROWTH) + GROWTH_BYTES;
    bool in_kib = after < SHOWN_IN_KIB;
    double unit = in_kib ? KIB : MIB;
    const char *why = "";

    if (cycle->request->size_limit >= 0) {
        limit = before * (1 + cycle->request->size_limit);
    } else if (cycle->has_relinked) {
        limit = before * BOLT_GROWTH_FACTOR + BOLT_GROWTH_BYTES;
        why = ": BOLT keeps the old code and aligns the new";
    }
    add(checklist, "binary size", after > limit ? VERDICT_FAIL : VERDICT_OK, "it is too large",
        "%.2f %s, was %.2f (limit %.2f%s)", after / unit, in_kib ? "KiB" : "MiB", before / unit,
        limit / unit, why);
}

static void judge_gain(struct checklist *checklist, const struct cycle *cycle)
{
    const struct measure_row *row = &cycle->comparison.all.cpu[cycle_side_count(cycle) - 1];
    enum verdict verdict = VERDICT_OK;
    const char *reason = NULL;
    char sentence[256], counted[512] = "";
    /* Only where times cannot tell. */
    enum count_verdict counts = cycle->has_counts ? cycle->counted.judgement.verdict : COUNTS_EQUAL;

    if (row->verdict == PAIRED_SLOWER) {
        verdict = VERDICT_FAIL;
        reason = "it is slower";
    } else if (row->verdict == PAIRED_NO_DIFFERENCE && counts == COUNTS_WORSE) {
        verdict = VERDICT_FAIL;
        reason = "it is worse by counts";
    } else if (row->verdict == PAIRED_NO_DIFFERENCE && counts == COUNTS_EQUAL) {
        verdict = cycle->request->accept_equal ? VERDICT_WEAK : VERDICT_FAIL;
        reason = "it is not faster";
    }
    table_sentence(row, sentence, sizeof(sentence));
    if (cycle->has_counts)
        count_sentence(&cycle->counted.judgement, counted, sizeof(counted));
    add(checklist, "gain", verdict, reason, "%s%s%s%s%s", sentence,
        cycle->has_counts ? "; by counts it is " : "",
        cycle->has_counts ? count_verdict_text(counts) : "", cycle->has_counts ? ": " : "",
        counted);
}

static void judge_memory(struct checklist *checklist, const struct cycle *cycle)
{
    double before = (double)cycle->comparison.all.peak_bytes[MEASURE_A];
    double after = (double)cycle->comparison.all.peak_bytes[cycle_side_count(cycle) - 1];
    double limit = before * (1 + cycle->request->memory_limit) + MEMORY_SLACK_BYTES;

    add(checklist, "memory", after > limit ? VERDICT_FAIL : VERDICT_OK, "it takes more memory",
        "peak %.2f MiB, was %.2f (limit %.2f)", after / MIB, before / MIB, limit / MIB);
}

static void judge_tests(struct checklist *checklist, const struct cycle *cycle)
{
    if (!cycle->tested)
        add(checklist, "tests", VERDICT_WEAK, "its tests were not run",
            "not run: name them with --test COMMAND");
    else if (cycle->tests_passed)
        add(checklist, "tests", VERDICT_OK, NULL, "passed: %s", cycle->request->test_command);
    else
        add(checklist, "tests", VERDICT_FAIL, "the tests failed with it", "%s failed",
            cycle->request->test_command);
}

static void judge_behaviour(struct checklist *checklist, const struct cycle *cycle)
{
    if (cycle->comparison.same)
        add(checklist, "behaviour", VERDICT_OK, NULL, "the same in %zu runs",
            cycle->comparison.runs);
    else
        add(checklist, "behaviour", VERDICT_FAIL, "it behaves differently", "%s",
            cycle->comparison.difference);
}

void checklist_make(struct checklist *checklist, const struct cycle *cycle)
{
    checklist->count = 0;
    judge_profile(checklist, &cycle->plain);
    judge_merge(checklist, &cycle->plain);
    judge_archive(checklist, &cycle->plain);
    if (!cycle->candidate)
        return;
    judge_size(checklist, cycle);
    judge_tests(checklist, cycle);
    if (!cycle->compared)
        return;
    judge_behaviour(checklist, cycle);
    if (!cycle->comparison.same)
        return;
    judge_gain(checklist, cycle);
    judge_memory(checklist, cycle);
}

const char *checklist_failure(const struct checklist *checklist, bool strict)
{
    /* Of equal weight, the first of the list. */
    for (int verdict = VERDICT_FAIL; verdict >= (strict ? VERDICT_WEAK : VERDICT_FAIL); verdict--)
        for (size_t i = 0; i < checklist->count; i++)
            if ((int)checklist->items[i].verdict == verdict)
                return checklist->items[i].reason;
    return NULL;
}

#define TEXT_COLUMN 22

void checklist_print(const struct checklist *checklist)
{
    size_t width = terminal_width(stdout);

    puts("checklist:");
    for (size_t i = 0; i < checklist->count; i++) {
        const struct checklist_item *item = &checklist->items[i];
        fputs("  ", stdout);
        verdict_print(stdout, item->verdict);
        printf("  %-13s ", item->name);
        text_print_words(stdout, item->text, TEXT_COLUMN, width);
        putchar('\n');
    }
}

json_t *checklist_json(const struct checklist *checklist)
{
    json_t *list = json_array();

    for (size_t i = 0; i < checklist->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", checklist->items[i].name,
                                              "verdict", verdict_name(checklist->items[i].verdict),
                                              "text", checklist->items[i].text));
    return list;
}
