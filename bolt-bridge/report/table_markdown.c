/* A measurement as a table in Markdown, for a comment on a change. */
#include "bolt-bridge/report/table.h"

#include <stdio.h>

#include "analyzer/base/file.h"

/* Names come from command lines: what Markdown acts upon is left out. */
static void print_name(const char *name)
{
    putchar('`');
    for (; *name; name++)
        putchar(*name == '`' || *name == '|' || (unsigned char)*name < ' ' ? ' ' : *name);
    putchar('`');
}

static void print_row(const char *name, const struct measure_row rows[MEASURE_SIDES],
                      enum measure_side side)
{
    const struct measure_row *row = &rows[side];

    printf("| %s | %.3f s | %.3f s | %.4f | ", name, rows[MEASURE_A].value, rows[side].value,
           row->interval.ratio);
    if (row->has_interval)
        printf("%.4f … %.4f | %s |\n", row->interval.low, row->interval.high,
               side == MEASURE_A && row->verdict != PAIRED_NO_DIFFERENCE ? "differs"
                                                                         : table_verdict(row));
    else
        puts("| too few pairs |");
}

static void print_bytes(const char *name, uint64_t before, uint64_t after)
{
    printf("| %s | %.2f MiB | %.2f MiB | %.4f | | |\n", name, (double)before / 1048576,
           (double)after / 1048576, before ? (double)after / (double)before : 0);
}

static void print_side(const struct measure_request *request, const struct measure_report *report,
                       const char *const *files, enum measure_side side)
{
    const char *letter = table_letter(side);
    char sentence[256];

    table_sentence(&report->all.cpu[side], sentence, sizeof(sentence));
    fputs("**CPU time of ", stdout);
    print_name(request->names[side]);
    printf(": %s**\n\n| | A | %s | %s/A | 95 %% interval | verdict |\n|---|--:|--:|--:|:-:|---|\n",
           sentence, letter, letter);
    for (size_t i = 0; request->workload_count > 1 && i < request->workload_count; i++)
        print_row(request->workloads[i].name, report->workloads[i].cpu, side);
    print_row(request->workload_count > 1 ? "geometric mean" : "CPU time", report->all.cpu, side);
    print_row("elapsed time", report->all.wall, side);
    if (request->noise)
        print_row("A against A", report->all.cpu, MEASURE_A);
    print_bytes("peak memory", report->all.peak_bytes[MEASURE_A], report->all.peak_bytes[side]);
    if (files)
        print_bytes("file size", file_size(files[MEASURE_A]), file_size(files[side]));
    putchar('\n');
}

void table_markdown(const struct measure_request *request, const struct measure_report *report,
                    const char *const *files)
{
    if (!report->same) {
        fputs("**Different behaviour**: ", stdout);
        print_name(report->difference);
        putchar('\n');
        return;
    }
    for (size_t side = MEASURE_B; side < request->side_count; side++)
        print_side(request, report, files, (enum measure_side)side);
    fputs("A is ", stdout);
    print_name(request->names[MEASURE_A]);
    printf("; same behaviour in %zu runs, %zu pairs.\n", report->runs, report->pairs);
}
