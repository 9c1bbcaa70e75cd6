/* A measurement as JSON. */
#include "analyzer/base/file.h"
#include "analyzer/write/json_parts.h"
#include "bolt-bridge/report/table.h"

static json_t *row_json(const struct measure_row *row)
{
    if (row->has_interval)
        return json_pack("{s:f, s:f, s:f, s:f, s:I, s:s, s:b}", "ratio", row->interval.ratio, "low",
                         row->interval.low, "high", row->interval.high, "confidence",
                         row->interval.confidence, "pairs", (json_int_t)row->interval.pairs,
                         "verdict", paired_verdict_text(row->verdict), "below_noise",
                         row->below_noise);
    return json_pack("{s:f}", "ratio", row->interval.ratio);
}

static json_t *time_json(const struct measure_row rows[MEASURE_SIDES],
                         const struct measure_request *request)
{
    json_t *object = json_pack("{s:f, s:f, s:o}", "a_seconds", rows[MEASURE_A].value, "b_seconds",
                               rows[MEASURE_B].value, "b_over_a", row_json(&rows[MEASURE_B]));
    if (request->noise)
        json_object_set_new(object, "a_over_a", row_json(&rows[MEASURE_A]));
    if (request->side_count > MEASURE_C) {
        json_object_set_new(object, "c_seconds", json_real(rows[MEASURE_C].value));
        json_object_set_new(object, "c_over_a", row_json(&rows[MEASURE_C]));
    }
    return object;
}

/* One number a side, under the letters of the sides. */
static json_t *sides_json(const uint64_t values[MEASURE_SIDES], size_t side_count)
{
    static const char *const keys[MEASURE_SIDES] = {"a", "b", "c"};
    json_t *object = json_object();

    for (size_t side = 0; side < side_count; side++)
        json_object_set_new(object, keys[side], json_integer((json_int_t)values[side]));
    return object;
}

static void add_figures(json_t *object, const struct measure_request *request,
                        const struct measure_figures *figures)
{
    json_object_set_new(object, "verdict",
                        json_string(paired_verdict_text(figures->cpu[MEASURE_B].verdict)));
    json_object_set_new(object, "exit_status", json_integer(figures->exit_status));
    if (*figures->last_words)
        json_object_set_new(object, "last_words", json_text(figures->last_words));
    json_object_set_new(object, "cpu", time_json(figures->cpu, request));
    json_object_set_new(object, "elapsed", time_json(figures->wall, request));
    json_object_set_new(object, "peak_bytes", sides_json(figures->peak_bytes, request->side_count));
}

json_t *table_json(const struct measure_request *request, const struct measure_report *report,
                   const char *const *files)
{
    uint64_t sizes[MEASURE_SIDES];
    json_t *root =
        json_pack("{s:o, s:o, s:o*, s:b, s:I, s:I}", "a", json_text(request->names[MEASURE_A]), "b",
                  json_text(request->names[MEASURE_B]), "c",
                  request->side_count > MEASURE_C ? json_text(request->names[MEASURE_C]) : NULL,
                  "same_behaviour", report->same, "runs", (json_int_t)report->runs, "pairs",
                  (json_int_t)report->pairs);
    if (!root)
        return NULL;
    if (!report->same) {
        json_object_set_new(root, "difference", json_text(report->difference));
        return root;
    }
    json_object_set_new(root, "stopped", json_string(stopping_text(report->stopped)));
    add_figures(root, request, &report->all);
    if (files) {
        for (size_t side = 0; side < request->side_count; side++)
            sizes[side] = file_size(files[side]);
        json_object_set_new(root, "file_bytes", sides_json(sizes, request->side_count));
    }
    if (request->workload_count > 1) {
        json_t *list = json_array();
        for (size_t i = 0; i < request->workload_count; i++) {
            json_t *item = json_pack("{s:o, s:I}", "name", json_text(request->workloads[i].name),
                                     "weight", (json_int_t)request->workloads[i].weight);
            add_figures(item, request, &report->workloads[i]);
            json_array_append_new(list, item);
        }
        json_object_set_new(root, "workloads", list);
    }
    return root;
}
