#include "bolt-bridge/verbs/table.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/message.h"

/* Below this a run is mostly start-up and clock, and the ratio says little. */
#define SHORT_SECONDS 0.05

void table_progress(size_t done, size_t total)
{
    message_progress("measuring", done, total);
}

static const char *colour_of(enum paired_verdict verdict)
{
    static const char *const colours[] = {
        [PAIRED_NO_DIFFERENCE] = "", [PAIRED_FASTER] = "\033[32m", [PAIRED_SLOWER] = "\033[31m"};
    return message_colour(stdout) ? colours[verdict] : "";
}

static void print_seconds(double seconds)
{
    if (seconds < 1)
        printf(" %8.2f ms", seconds * 1e3);
    else
        printf(" %8.3f s ", seconds);
}

static void print_relation(const struct measure_row *row, enum paired_verdict verdict,
                           const char *words)
{
    printf("  %7.4f", row->interval.ratio);
    if (!row->has_interval) {
        puts("  (too few pairs for an interval)");
        return;
    }
    const char *colour = colour_of(verdict);
    printf("  %6.4f ... %6.4f  %s%s%s\n", row->interval.low, row->interval.high, colour, words,
           *colour ? "\033[0m" : "");
}

static void print_time(const char *name, const struct measure_row rows[MEASURE_SIDES],
                       enum paired_verdict verdict)
{
    printf("  %-12s", name);
    print_seconds(rows[MEASURE_A].value);
    print_seconds(rows[MEASURE_B].value);
    print_relation(&rows[MEASURE_B], verdict, paired_verdict_text(verdict));
}

static void print_bytes(const char *name, uint64_t before, uint64_t after)
{
    printf("  %-12s %8.2f MiB %6.2f MiB  %7.4f\n", name, (double)before / 1048576,
           (double)after / 1048576, before ? (double)after / (double)before : 0);
}

static uint64_t file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* What a row's interval says by itself. */
static enum paired_verdict judge_row(const struct measure_row *row)
{
    return row->has_interval ? paired_judge(&row->interval, NULL) : PAIRED_NO_DIFFERENCE;
}

void table_print(const struct measure_request *request, const struct measure_report *report,
                 const char *const files[MEASURE_SIDES])
{
    const struct measure_row *noise = &report->cpu[MEASURE_A];

    printf("A = %s\nB = %s\n", request->names[MEASURE_A], request->names[MEASURE_B]);
    if (!report->same) {
        printf("  different behaviour: %s\n", report->difference);
        return;
    }
    printf("  %-12s %11s %11s  %7s  %-17s  %s\n", "", "A", "B", "B/A", "95 % interval", "verdict");
    print_time("CPU time", report->cpu, report->verdict);
    print_time("elapsed time", report->wall, judge_row(&report->wall[MEASURE_B]));
    if (request->noise) {
        printf("  %-12s", "A against A");
        print_seconds(noise->value);
        printf(" %11s", "");
        print_relation(noise, PAIRED_NO_DIFFERENCE,
                       judge_row(noise) == PAIRED_NO_DIFFERENCE ? "no difference" : "differs");
    }
    print_bytes("peak memory", report->peak_bytes[MEASURE_A], report->peak_bytes[MEASURE_B]);
    if (files)
        print_bytes("file size", file_size(files[MEASURE_A]), file_size(files[MEASURE_B]));
    printf("  same behaviour in %zu runs%s%s, exit status %d; %zu pairs\n", report->runs,
           request->tolerance.output ? " (output not compared)" : "",
           request->tolerance.errors ? " (standard error not compared)" : "", report->exit_status,
           request->pairs);
    if (report->exit_status)
        message_warning("the workload exits with status %d: is it the work you mean to measure?",
                        report->exit_status);
    if (noise->value < SHORT_SECONDS)
        message_warning("a run takes %.1f ms only, mostly start-up: measure a longer workload",
                        noise->value * 1e3);
    if (noise->has_interval && judge_row(noise) != PAIRED_NO_DIFFERENCE)
        message_warning("A against itself differs as well: the machine is not quiet, and only a "
                        "larger difference counts");
}

static json_t *row_json(const struct measure_row *row)
{
    if (row->has_interval)
        return json_pack("{s:f, s:f, s:f, s:f, s:I}", "ratio", row->interval.ratio, "low",
                         row->interval.low, "high", row->interval.high, "confidence",
                         row->interval.confidence, "pairs", (json_int_t)row->interval.pairs);
    return json_pack("{s:f}", "ratio", row->interval.ratio);
}

static json_t *time_json(const struct measure_row rows[MEASURE_SIDES], bool noise)
{
    return json_pack("{s:f, s:f, s:o, s:o*}", "a_seconds", rows[MEASURE_A].value, "b_seconds",
                     rows[MEASURE_B].value, "b_over_a", row_json(&rows[MEASURE_B]), "a_over_a",
                     noise ? row_json(&rows[MEASURE_A]) : NULL);
}

json_t *table_json(const struct measure_request *request, const struct measure_report *report,
                   const char *const files[MEASURE_SIDES])
{
    json_t *root = json_pack("{s:s, s:s, s:b, s:I}", "a", request->names[MEASURE_A], "b",
                             request->names[MEASURE_B], "same_behaviour", report->same, "runs",
                             (json_int_t)report->runs);
    if (!root)
        return NULL;
    if (!report->same) {
        json_object_set_new(root, "difference", json_string(report->difference));
        return root;
    }
    json_object_set_new(root, "verdict", json_string(paired_verdict_text(report->verdict)));
    json_object_set_new(root, "exit_status", json_integer(report->exit_status));
    json_object_set_new(root, "cpu", time_json(report->cpu, request->noise));
    json_object_set_new(root, "elapsed", time_json(report->wall, request->noise));
    json_object_set_new(root, "peak_bytes",
                        json_pack("{s:I, s:I}", "a", (json_int_t)report->peak_bytes[MEASURE_A], "b",
                                  (json_int_t)report->peak_bytes[MEASURE_B]));
    if (files)
        json_object_set_new(root, "file_bytes",
                            json_pack("{s:I, s:I}", "a", (json_int_t)file_size(files[MEASURE_A]),
                                      "b", (json_int_t)file_size(files[MEASURE_B])));
    return root;
}
