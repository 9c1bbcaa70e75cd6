#include "bolt-bridge/choosing/report.h"

#include <stdio.h>

#include "analyzer/write/json_parts.h"
#include "bolt-bridge/report/counts_table.h"

static const enum count_kind shown[] = {COUNT_INSTRUCTIONS, COUNT_JUMPS, COUNT_LINES, COUNT_CYCLES};
#define SHOWN (sizeof(shown) / sizeof(*shown))

static void print_workload(const struct choice *choice, size_t workload)
{
    const char *name = choice->request->workloads->items[workload].name;
    printf("  %-16s %14s %14s %14s %14s\n", name ? name : "", "instructions", "taken jumps",
           "code lines", "model cycles");
    for (size_t i = 0; i < choice->count; i++) {
        const struct choice_build *build = &choice->builds[i];
        if (*build->reason)
            continue;
        printf("    %-14s", build->name);
        for (size_t k = 0; k < SHOWN; k++)
            printf(" %14llu", (unsigned long long)build->runs[workload].counts.values[shown[k]]);
        double before = (double)choice->builds[0].runs[workload].counts.values[COUNT_CYCLES];
        double after = (double)build->runs[workload].counts.values[COUNT_CYCLES];
        printf("  %+6.1f %%\n", before > 0 ? 100 * (after / before - 1) : 0);
    }
}

void choice_report_print(const struct choice *choice)
{
    const struct choice_build *winner = &choice->builds[choice->winner];
    char text[256];
    for (size_t i = 0; i < choice->request->workloads->count; i++)
        print_workload(choice, i);
    for (size_t i = 0; i < choice->count; i++)
        if (*choice->builds[i].reason)
            printf("  left out: %s: %s\n", choice->builds[i].name, choice->builds[i].reason);
    size_t fewest = choice_find_fewest(choice->builds, choice->count);
    if (fewest != choice->winner)
        printf(
            "  %s has less than %.1f %% more model cycles than %s, and fewer without taken jumps\n",
            winner->name, 100 * COUNT_DECISIVE, choice->builds[fewest].name);
    count_sentence(&winner->judgement, text, sizeof(text));
    if (choice->winner > 0)
        printf("%s: %s: %s\n", choice->result, winner->name, text);
    else
        printf("%s: built without a profile: none makes it better by %.1f %% of the model's "
               "cycles\n",
               choice->result, 100 * COUNT_DECISIVE);
}

static json_t *build_json(const struct choice *choice, const struct choice_build *build)
{
    json_t *list = json_array();
    json_t *root = json_pack("{s:s}", "name", build->name);
    if (*build->reason) {
        json_object_set_new(root, "left_out", json_text(build->reason));
    } else {
        for (size_t i = 0; i < choice->request->workloads->count; i++)
            json_array_append_new(list,
                                  counts_table_counts(COUNTS_BY_VALGRIND, &build->runs[i].counts));
        json_object_set_new(root, "ratio", json_real(build->judgement.ratios[COUNT_CYCLES]));
        json_object_set_new(root, "ratio_without_jumps", json_real(build->judgement.without_jumps));
        json_object_set_new(root, "verdict",
                            json_string(count_verdict_text(build->judgement.verdict)));
        json_object_set_new(root, "workloads", json_incref(list));
    }
    json_decref(list);
    return root;
}

json_t *choice_report_json(const struct choice *choice)
{
    json_t *list = json_array();
    for (size_t i = 0; i < choice->count; i++)
        json_array_append_new(list, build_json(choice, &choice->builds[i]));
    return json_pack("{s:s, s:o}", "chosen", choice->builds[choice->winner].name, "builds", list);
}
