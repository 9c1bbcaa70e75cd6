#include "bolt-bridge/verbs/compare_counts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/report/print_json.h"

/* Both sides of a workload. */
struct workload_counts {
    struct counts sides[MEASURE_C];
    struct process_result results[MEASURE_C];
    const char *difference; /* what is not the same; NULL */
};

static bool count_side(const struct measure_request *request, enum count_source source,
                       const struct measure_workload *workload, enum measure_side side,
                       struct workload_counts *counted, char output[PATH_MAX], struct error *error)
{
    char how[256], name[32];
    struct process process = {.path = request->paths[side],
                              .arguments = workload->arguments[side],
                              .input_file = workload->input_file,
                              .output_file = output,
                              .timeout = request->timeout};

    snprintf(name, sizeof(name), "counted-%d.out", side);
    if (!temporary_path(name, output, error) ||
        !counts_run(source, &process, &counted->sides[side], &counted->results[side], error))
        return false;
    if (side == MEASURE_A && (counted->results[side].signal || counted->results[side].timed_out)) {
        process_describe(&counted->results[side], how, sizeof(how));
        error_set(error, ERROR_WORKLOAD_FAILED, request->names[side], "%sit %s",
                  source == COUNTS_BY_VALGRIND ? "under valgrind " : "", how);
        return false;
    }
    return true;
}

static bool count_workload(const struct measure_request *request, enum count_source source,
                           const struct measure_workload *workload, struct workload_counts *counted,
                           struct error *error)
{
    char outputs[MEASURE_C][PATH_MAX];
    uint64_t offset;
    bool same = true;

    for (size_t side = 0; side < MEASURE_C; side++)
        if (!count_side(request, source, workload, (enum measure_side)side, counted, outputs[side],
                        error))
            return false;
    const struct process_result *a = &counted->results[MEASURE_A];
    const struct process_result *b = &counted->results[MEASURE_B];
    if (a->exit_status != b->exit_status || b->signal || b->timed_out)
        counted->difference = "they end differently";
    else if (!request->tolerance.output &&
             !file_compare(outputs[MEASURE_A], outputs[MEASURE_B], &same, &offset, error))
        return false;
    else if (!same)
        counted->difference = "their standard outputs differ";
    return true;
}

static double ratio_of(const struct workload_counts *counted, size_t kind)
{
    double before = (double)counted->sides[MEASURE_A].values[kind];
    return before > 0 ? (double)counted->sides[MEASURE_B].values[kind] / before : 1;
}

static void print_rows(bool markdown, enum count_source source,
                       const struct workload_counts *counted)
{
    for (size_t kind = 0; kind < COUNT_KINDS; kind++) {
        const char *text = count_text(source, (enum count_kind)kind);
        if (text)
            printf(markdown ? "| %s | %llu | %llu | %.4f |\n" : "  %-27s %16llu %16llu  %7.4f\n",
                   text, (unsigned long long)counted->sides[MEASURE_A].values[kind],
                   (unsigned long long)counted->sides[MEASURE_B].values[kind],
                   ratio_of(counted, kind));
    }
}

static void print_text(const struct measure_request *request, enum count_source source,
                       const struct workload_counts *counted)
{
    printf("A = %s\nB = %s\n", request->names[MEASURE_A], request->names[MEASURE_B]);
    for (size_t i = 0; i < request->workload_count; i++) {
        const char *name = request->workloads[i].name;
        printf("  %-27s %16s %16s  %7s\n", name ? name : "", "A", "B", "B/A");
        print_rows(false, source, &counted[i]);
        if (counted[i].difference)
            printf("  different behaviour: %s\n", counted[i].difference);
    }
    puts(source == COUNTS_BY_PERF
             ? "  counted by the processor, in user space (perf stat), one run each"
             : "  counted by valgrind, one run each: the same at every run");
}

static void print_markdown(const struct measure_request *request, enum count_source source,
                           const struct workload_counts *counted)
{
    for (size_t i = 0; i < request->workload_count; i++) {
        const char *name = request->workloads[i].name;
        printf("| %s | A | B | B/A |\n|---|--:|--:|--:|\n", name ? name : "");
        print_rows(true, source, &counted[i]);
        printf("\n%s%s%s", counted[i].difference ? "**Different behaviour**: " : "",
               counted[i].difference ? counted[i].difference : "",
               counted[i].difference ? "\n\n" : "");
    }
}

static json_t *counts_json(enum count_source source, const struct counts *counts)
{
    static const char *const keys[COUNT_KINDS] = {
        [COUNT_INSTRUCTIONS] = "instructions",
        [COUNT_BRANCHES] = "branches",
        [COUNT_JUMPS] = "taken_jumps",
        [COUNT_LINES] = "code_lines_touched",
        [COUNT_PAGES] = "code_pages_touched",
        [COUNT_CYCLES] = "model_cycles",
        [COUNT_TAKEN] = "taken_conditional_branches",
        [COUNT_MISPREDICTED] = "mispredictions",
        [COUNT_CODE_MISSES] = "code_cache_misses",
        [COUNT_DATA_MISSES] = "data_cache_misses",
        [COUNT_MEMORY_ACCESS] = "last_level_misses",
    };
    json_t *object = json_object();

    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        if (count_text(source, (enum count_kind)kind))
            json_object_set_new(object, keys[kind], json_integer((json_int_t)counts->values[kind]));
    return object;
}

static json_t *all_json(const struct measure_request *request, enum count_source source,
                        const struct workload_counts *counted, bool good)
{
    json_t *list = json_array();

    for (size_t i = 0; i < request->workload_count; i++)
        json_array_append_new(
            list,
            json_pack("{s:s*, s:b, s:s*, s:o, s:o}", "name", request->workloads[i].name,
                      "same_behaviour", counted[i].difference == NULL, "difference",
                      counted[i].difference, "a", counts_json(source, &counted[i].sides[MEASURE_A]),
                      "b", counts_json(source, &counted[i].sides[MEASURE_B])));
    return json_pack("{s:s, s:s, s:s, s:b, s:o}", "counted_by", count_source_text(source), "a",
                     request->names[MEASURE_A], "b", request->names[MEASURE_B], "good", good,
                     "counts", list);
}

bool compare_counts(const struct measure_request *request, enum count_source source,
                    enum compare_output output, double limit, bool *good, struct error *error)
{
    static struct workload_counts counted[MEASURE_WORKLOADS];

    if (!counts_choose(&source, error))
        return false;
    *good = true;
    for (size_t i = 0; i < request->workload_count; i++) {
        if (request->workloads[i].service) {
            error_set(error, ERROR_USAGE, "--counts", "a server's work is not the same twice");
            return false;
        }
        message_progress("counting", i + 1, request->workload_count);
        if (!count_workload(request, source, &request->workloads[i], &counted[i], error))
            return false;
        *good = *good && !counted[i].difference &&
                ratio_of(&counted[i], COUNT_INSTRUCTIONS) <= 1 + limit;
    }
    if (output == COMPARE_JSON)
        return print_json(all_json(request, source, counted, *good), error);
    (output == COMPARE_MARKDOWN ? print_markdown : print_text)(request, source, counted);
    return true;
}
