#include "bolt-bridge/report/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/base/terminal.h"

/* Below this a run is mostly start-up and clock, and the ratio says little. */
#define SHORT_SECONDS 0.05

char *table_progress_text(const struct measure_progress *progress, char *text, size_t size)
{
    size_t used;

    if (progress->rounds == 0)
        snprintf(text, size, "warming up, run %zu", progress->runs);
    else
        snprintf(text, size, "round %zu", progress->rounds);
    used = strlen(text);
    if (progress->ratio > 0)
        used += (size_t)snprintf(text + used, size - used, ", B/A %.3f", progress->ratio);
    if (progress->half_width > 0)
        used += (size_t)snprintf(text + used, size - used, " %s %.3f",
                                 terminal_takes_utf8() ? "±" : "+-", progress->half_width);
    if (progress->rounds > 0 && progress->seconds_left >= 0)
        snprintf(text + used, size - used, ", at most %.0f s left", ceil(progress->seconds_left));
    return text;
}

void table_progress(const struct measure_progress *progress)
{
    char text[160];

    message_progress_text(table_progress_text(progress, text, sizeof(text)));
}

const char *table_letter(enum measure_side side)
{
    static const char *const letters[MEASURE_SIDES] = {"A", "B", "C"};
    return letters[side];
}

const char *table_verdict(const struct measure_row *row)
{
    return row->below_noise ? "below the noise" : paired_verdict_text(row->verdict);
}

void table_sentence(const struct measure_row *row, char *text, size_t size)
{
    double change = 100 * (row->interval.ratio - 1);

    if (!row->has_interval)
        snprintf(text, size, "%+.1f %%, too few pairs to tell", change);
    else
        snprintf(text, size, "%s: %+.1f %%, 95 %% interval %+.1f ... %+.1f %%", table_verdict(row),
                 change, 100 * (row->interval.low - 1), 100 * (row->interval.high - 1));
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
        printf(" %6.2f ms", seconds * 1e3);
    else
        printf(" %6.3f s ", seconds);
}

static void print_relation(const struct measure_row *row, const char *words)
{
    printf("  %6.4f", row->interval.ratio);
    if (!row->has_interval) {
        puts("  (too few pairs for an interval)");
        return;
    }
    const char *colour = colour_of(row->verdict);
    printf("  %6.4f ... %6.4f  %s%s%s\n", row->interval.low, row->interval.high, colour, words,
           *colour ? "\033[0m" : "");
}

static void print_time(const char *name, const struct measure_row rows[MEASURE_SIDES],
                       enum measure_side side)
{
    printf("  %-14s", name);
    print_seconds(rows[MEASURE_A].value);
    print_seconds(rows[side].value);
    print_relation(&rows[side], table_verdict(&rows[side]));
}

static void print_size(uint64_t bytes)
{
    double size = (double)bytes / 1048576;

    printf(" %5.*f MiB", size < 99.995 ? 2 : 1, size);
}

static void print_bytes(const char *name, uint64_t before, uint64_t after)
{
    printf("  %-14s", name);
    print_size(before);
    print_size(after);
    printf("  %6.4f\n", before ? (double)after / (double)before : 0);
}

static void print_noise(const struct measure_row *noise)
{
    printf("  %-14s", "A against A");
    print_seconds(noise->value);
    printf(" %9s", "");
    print_relation(noise, noise->verdict == PAIRED_NO_DIFFERENCE ? "no difference" : "differs");
}

static void print_side(const struct measure_request *request, const struct measure_report *report,
                       const char *const *files, enum measure_side side)
{
    const char *letter = table_letter(side);

    printf("  %-14s %9s %9s  %s/A     %-17s  %s\n", "", "A", letter, letter, "95 % interval",
           "verdict");
    if (request->workload_count > 1) {
        for (size_t i = 0; i < request->workload_count; i++)
            print_time(request->workloads[i].name, report->workloads[i].cpu, side);
        print_time("geometric mean", report->all.cpu, side);
    } else {
        print_time("CPU time", report->all.cpu, side);
    }
    print_time("elapsed time", report->all.wall, side);
    if (request->noise && side == MEASURE_B)
        print_noise(&report->all.cpu[MEASURE_A]);
    print_bytes("peak memory", report->all.peak_bytes[MEASURE_A], report->all.peak_bytes[side]);
    if (files)
        print_bytes("file size", file_size(files[MEASURE_A]), file_size(files[side]));
}

void table_print(const struct measure_request *request, const struct measure_report *report,
                 const char *const *files)
{
    char text[256];

    for (size_t side = 0; side < request->side_count; side++)
        printf("%s = %s\n", table_letter((enum measure_side)side), request->names[side]);
    if (!report->same) {
        printf("  different behaviour: %s\n", report->difference);
        return;
    }
    for (size_t side = MEASURE_B; side < request->side_count; side++)
        print_side(request, report, files, (enum measure_side)side);
    snprintf(text, sizeof(text), "same behaviour in %zu runs%s%s, exit status %d; %zu pairs: %s",
             report->runs, request->tolerance.output ? " (output not compared)" : "",
             request->tolerance.errors ? " (standard error not compared)" : "",
             report->all.exit_status, report->pairs, stopping_text(report->stopped));
    fputs("  ", stdout);
    text_print_words(stdout, text, 2, terminal_width(stdout));
    putchar('\n');
}

/* What may have been missed, or is too small to be believed. */
static void warn_side(const struct measure_request *request, const struct measure_report *report,
                      enum measure_side side)
{
    const struct measure_row *row = &report->all.cpu[side];
    const char *letter = table_letter(side);

    if (row->below_noise)
        message_note(
            "%s differs from A by %.1f %%, which is less than A from itself may: below the "
            "noise, it counts as no difference",
            letter, 100 * fabs(row->interval.ratio - 1));
    else if (row->has_interval && row->verdict == PAIRED_NO_DIFFERENCE &&
             !stopping_is_narrow(&request->stopping, &row->interval, NULL))
        message_note("a difference of %.1f %% between A and %s may have been missed: give more %s "
                     "or a longer workload",
                     100 * (sqrt(row->interval.high / row->interval.low) - 1), letter,
                     request->stopping.pairs ? "pairs (-n)" : "time (--time)");
    for (size_t i = 0; request->workload_count > 1 && i < request->workload_count; i++)
        if (report->workloads[i].cpu[side].verdict == PAIRED_SLOWER)
            message_warning("%s is slower at %s", letter, request->workloads[i].name);
}

void table_warn_exit_status(const char *name, const struct measure_figures *figures)
{
    if (figures->exit_status)
        message_warning("the workload%s%s exits with status %d: is it the work you mean to "
                        "measure?%s%s",
                        name ? " " : "", name ? name : "", figures->exit_status,
                        *figures->last_words ? " It says:" : "", figures->last_words);
}

void table_warn(const struct measure_request *request, const struct measure_report *report)
{
    const struct measure_row *noise = &report->all.cpu[MEASURE_A];

    if (!report->same)
        return;
    for (size_t i = 0; i < request->workload_count; i++)
        table_warn_exit_status(request->workloads[i].name, &report->workloads[i]);
    if (noise->value < SHORT_SECONDS * (double)request->workload_count)
        message_warning("a run takes %.1f ms only, mostly start-up: measure a longer workload",
                        noise->value / (double)request->workload_count * 1e3);
    if (noise->has_interval && noise->verdict != PAIRED_NO_DIFFERENCE)
        message_warning("A against itself differs as well: the machine is not quiet, and only a "
                        "larger difference counts");
    for (size_t side = MEASURE_B; side < request->side_count; side++)
        warn_side(request, report, (enum measure_side)side);
}
