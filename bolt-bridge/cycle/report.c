#include "bolt-bridge/cycle/report.h"

#include <stdio.h>

#include "analyzer/base/file.h"
#include "analyzer/base/terminal.h"
#include "analyzer/write/json_parts.h"
#include "bolt-bridge/cycle/sides.h"
#include "bolt-bridge/report/counts_table.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/report/table.h"

#define SENTENCE_COLUMN 44

size_t report_list_stages(const struct cycle *cycle, struct report_stage stages[MEASURE_SIDES])
{
    size_t count = 0;
    const struct measure_report *report = &cycle->comparison;

    if (!cycle->compared || !report->same)
        return 0;
    stages[count++] = (struct report_stage){"plain", NULL, NULL, cycle->plain.path};
    if (cycle->has_rebuilt) {
        stages[count] =
            (struct report_stage){"rebuilt", &report->all.cpu[count], NULL, cycle->rebuilt.path};
        count++;
    }
    if (cycle->has_relinked) {
        stages[count] = (struct report_stage){
            cycle->has_rebuilt ? "rebuilt + BOLT" : "BOLT", &report->all.cpu[count],
            cycle->has_rebuilt ? &report->step : NULL, cycle->relinked};
        count++;
    }
    return count;
}

void report_print_stages(const struct cycle *cycle)
{
    struct report_stage stages[MEASURE_SIDES];
    char sentence[256];

    size_t count = report_list_stages(cycle, stages);
    if (count == 0)
        return;
    puts("gain of each stage, CPU time against the plain program:");
    for (size_t i = 0; i < count; i++) {
        printf("  %-15s %8.3f s %9.2f MiB", stages[i].name, cycle->comparison.all.cpu[i].value,
               (double)file_size(stages[i].file) / 1048576);
        if (stages[i].row) {
            table_sentence(stages[i].row, sentence, sizeof(sentence));
            fputs("  ", stdout);
            text_print_words(stdout, sentence, SENTENCE_COLUMN, terminal_width(stdout));
        }
        putchar('\n');
        if (stages[i].step) {
            table_sentence(stages[i].step, sentence, sizeof(sentence));
            printf("  %-15s %10s %13s  ", "  BOLT alone", "", "");
            text_print_words(stdout, sentence, SENTENCE_COLUMN, terminal_width(stdout));
            putchar('\n');
        }
    }
}

static json_t *overheads_json(const struct cycle *cycle, const struct cycle_subject *subject)
{
    const struct workloads *workloads = cycle->request->workloads;
    json_t *list = json_array();

    for (size_t i = 0; i < workloads->count; i++) {
        const struct measure_workload one = {.name = workloads->items[i].name, .weight = 1};
        const struct measure_request request = {.side_count = 2,
                                                .names = {cycle->request->name, "recorded"},
                                                .workloads = &one,
                                                .workload_count = 1};
        json_t *item = table_json(&request, &subject->overheads[i], NULL);
        if (one.name)
            json_object_set_new(item, "workload", json_string(one.name));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *recording_json(const struct cycle_subject *subject)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:o, s:o}", "files",
                     (json_int_t)subject->recordings, "damaged", (json_int_t)subject->damaged,
                     "samples", (json_int_t)subject->samples, "own_samples",
                     (json_int_t)subject->own_samples, "own_branches",
                     (json_int_t)subject->own_branches, "coverage",
                     subject->is_judged ? verdict_name(subject->coverage_verdict) : "", "profile",
                     json_text(subject->profile), "archive", json_text(subject->archive));
}

static json_t *stages_json(const struct cycle *cycle)
{
    struct report_stage stages[MEASURE_SIDES];
    size_t count = report_list_stages(cycle, stages);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        const struct measure_row *row = stages[i].row;
        json_t *item = json_pack("{s:s, s:f, s:I}", "name", stages[i].name, "cpu_seconds",
                                 cycle->comparison.all.cpu[i].value, "file_bytes",
                                 (json_int_t)file_size(stages[i].file));
        if (row)
            json_object_set_new(item, "ratio", json_real(row->interval.ratio));
        if (row && row->has_interval) {
            json_object_set_new(item, "low", json_real(row->interval.low));
            json_object_set_new(item, "high", json_real(row->interval.high));
            json_object_set_new(item, "verdict", json_string(paired_verdict_text(row->verdict)));
        }
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *comparison_json(const struct cycle *cycle)
{
    struct measure_workload workloads[MEASURE_WORKLOADS] = {0};
    struct measure_request request;

    cycle_describe_comparison(cycle, &request, workloads);
    return table_json(&request, &cycle->comparison, request.paths);
}

static json_t *counts_of_candidate_json(const struct cycle *cycle)
{
    struct measure_workload workloads[MEASURE_WORKLOADS] = {0};
    struct measure_request request;

    cycle_describe_comparison(cycle, &request, workloads);
    return counts_table_json(&request, &cycle->counted);
}

bool report_print_json(const struct cycle *cycle, const struct checklist *checklist,
                       struct error *error)
{
    json_t *overheads = overheads_json(cycle, &cycle->plain);
    json_t *root =
        json_pack("{s:b, s:o*, s:o, s:o*, s:o, s:O*, s:o, s:o}", "accepted", cycle->accepted,
                  "reason", cycle->reason ? json_text(cycle->reason) : NULL, "output",
                  json_text(cycle->request->output), "rejected",
                  *cycle->rejected ? json_text(cycle->rejected) : NULL, "recording",
                  recording_json(&cycle->plain), "overhead", json_array_get(overheads, 0),
                  "overheads", overheads, "checklist", checklist_json(checklist));

    if (root && cycle->has_relinked)
        json_object_set_new(
            root, "relinking",
            json_pack("{s:s, s:I, s:I}", "llvm_bolt", cycle->relink.bolt.version,
                      "profiled_functions", (json_int_t)cycle->relink.outcome.profiled_functions,
                      "functions", (json_int_t)cycle->relink.outcome.all_functions));
    if (root && cycle->compared)
        json_object_set_new(root, "comparison", comparison_json(cycle));
    if (root && cycle->compared)
        json_object_set_new(root, "decided_by", json_string(cycle->has_counts ? "counts" : "time"));
    if (root && cycle->has_counts)
        json_object_set_new(root, "counts", counts_of_candidate_json(cycle));
    if (root && cycle->compared && cycle->comparison.same)
        json_object_set_new(root, "stages", stages_json(cycle));
    return print_json(root, error);
}

void report_print_markdown(const struct cycle *cycle, const struct checklist *checklist)
{
    struct report_stage stages[MEASURE_SIDES];
    char sentence[256];

    printf("**%s: %s%s**\n\n", cycle->request->output, cycle->accepted ? "made" : "not made, ",
           cycle->accepted ? "" : cycle->reason);
    size_t count = report_list_stages(cycle, stages);
    if (count > 0) {
        puts("| stage | CPU time | file size | against plain |\n|---|--:|--:|---|");
        for (size_t i = 0; i < count; i++) {
            if (stages[i].row)
                table_sentence(stages[i].row, sentence, sizeof(sentence));
            printf("| %s | %.3f s | %.2f MiB | %s |\n", stages[i].name,
                   cycle->comparison.all.cpu[i].value, (double)file_size(stages[i].file) / 1048576,
                   stages[i].row ? sentence : "");
        }
        putchar('\n');
    }
    puts("| check | verdict | |\n|---|---|---|");
    for (size_t i = 0; i < checklist->count; i++) {
        const char *mark = checklist->items[i].verdict == VERDICT_FAIL ? "**" : "";
        printf("| %s | %s%s%s | ", checklist->items[i].name, mark,
               verdict_name(checklist->items[i].verdict), mark);
        for (const char *letter = checklist->items[i].text; *letter; letter++)
            putchar(*letter == '|' || (unsigned char)*letter < ' ' ? ' ' : *letter);
        puts(" |");
    }
}
