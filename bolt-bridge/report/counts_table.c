#include "bolt-bridge/report/counts_table.h"

#include <stdio.h>

double counts_table_ratio(const struct count_pair *pair, enum count_kind kind)
{
    double before = (double)pair->before.values[kind];
    return before > 0 ? (double)pair->after.values[kind] / before : 1;
}

static void print_rows(bool markdown, enum count_source source, const struct count_pair *pair)
{
    for (size_t kind = 0; kind < COUNT_KINDS; kind++) {
        const char *text = count_text(source, (enum count_kind)kind);
        if (text)
            printf(markdown ? "| %s | %llu | %llu | %.4f |\n" : "  %-27s %16llu %16llu  %7.4f\n",
                   text, (unsigned long long)pair->before.values[kind],
                   (unsigned long long)pair->after.values[kind],
                   counts_table_ratio(pair, (enum count_kind)kind));
    }
}

void counts_table_print(const struct measure_request *request,
                        const struct count_comparison *comparison, const char *letter)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const char *name = request->workloads[i].name;
        printf("  %-27s %16s %16s      %s/A\n", name ? name : "", "A", letter, letter);
        print_rows(false, comparison->source, &comparison->pairs[i]);
        if (comparison->pairs[i].difference)
            printf("  different behaviour: %s\n", comparison->pairs[i].difference);
    }
    puts(comparison->source == COUNTS_BY_PERF
             ? "  counted by the processor, in user space (perf stat), one run each"
             : "  counted by valgrind, one run each: the same at every run");
}

void counts_table_markdown(const struct measure_request *request,
                           const struct count_comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const char *name = request->workloads[i].name;
        const char *difference = comparison->pairs[i].difference;
        printf("| %s | A | B | B/A |\n|---|--:|--:|--:|\n", name ? name : "");
        print_rows(true, comparison->source, &comparison->pairs[i]);
        printf("\n%s%s%s", difference ? "**Different behaviour**: " : "",
               difference ? difference : "", difference ? "\n\n" : "");
    }
}

const char *counts_table_key(enum count_kind kind)
{
    static const char *const keys[COUNT_KINDS] = {
        [COUNT_INSTRUCTIONS] = "instructions",
        [COUNT_BRANCHES] = "branches",
        [COUNT_JUMPS] = "taken_jumps",
        [COUNT_TAKEN] = "taken_conditional_branches",
        [COUNT_MISPREDICTED] = "mispredictions",
        [COUNT_CODE_MISSES] = "code_cache_misses",
        [COUNT_DATA_MISSES] = "data_cache_misses",
        [COUNT_MEMORY_ACCESS] = "last_level_misses",
        [COUNT_LINES] = "code_lines_touched",
        [COUNT_PAGES] = "code_pages_touched",
        [COUNT_CYCLES] = "model_cycles",
    };
    return keys[kind];
}

json_t *counts_table_counts(enum count_source source, const struct counts *counts)
{
    json_t *object = json_object();

    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        if (count_text(source, (enum count_kind)kind))
            json_object_set_new(object, counts_table_key((enum count_kind)kind),
                                json_integer((json_int_t)counts->values[kind]));
    return object;
}

json_t *counts_table_json(const struct measure_request *request,
                          const struct count_comparison *comparison)
{
    json_t *list = json_array(), *ratios = json_object();

    for (size_t i = 0; i < comparison->count; i++) {
        const struct count_pair *pair = &comparison->pairs[i];
        json_array_append_new(
            list,
            json_pack("{s:s*, s:b, s:s*, s:o, s:o}", "name", request->workloads[i].name,
                      "same_behaviour", pair->difference == NULL, "difference", pair->difference,
                      "a", counts_table_counts(comparison->source, &pair->before), "b",
                      counts_table_counts(comparison->source, &pair->after)));
    }
    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        if (count_text(comparison->source, (enum count_kind)kind))
            json_object_set_new(ratios, counts_table_key((enum count_kind)kind),
                                json_real(comparison->judgement.ratios[kind]));
    json_t *root = json_pack("{s:s, s:o, s:o}", "counted_by", count_source_text(comparison->source),
                             "counts", list, "ratios", ratios);
    /* Without the model's cycles there is nothing to judge by. */
    if (root && count_text(comparison->source, COUNT_CYCLES))
        json_object_set_new(root, "verdict",
                            json_string(count_verdict_text(comparison->judgement.verdict)));
    return root;
}
