/* A report for people: aligned columns, and colour where there is a terminal. */
#include <inttypes.h>
#include <string.h>

#include "analyzer/base/text.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/report.h"
#include "include/pgoshim/raw.h"

#define NAME_SIZE 256
#define TARGETS_SHOWN 3

struct style {
    const char *heading, *share, *end;
};

static void print_header(const struct report *report, FILE *stream)
{
    const struct profile *profile = report->profile;
    char text[512];
    const struct recording *recording = profile->recording_count ? &profile->recordings[0] : NULL;
    if (!recording)
        return;
    print_fact(stream, "program", recording->program);
    print_fact(stream, "command", recording->command_line);
    if (profile->recording_count > 1) {
        snprintf(text, sizeof(text), "%zu, the first is shown", profile->recording_count);
        print_fact(stream, "recordings", text);
    }
    print_fact(stream, "sampler", sampler_text(recording->sampler));
    print_fact(stream, "branches", branch_source_text(recording->branch_source));
    print_fact(stream, "why", recording->why);
}

/* "120 (1.2 %): too soon 100, table full 20", or nothing where nothing was dropped. */
static void print_dropped(const struct report *report, FILE *stream)
{
    char text[1024];
    char number[32];
    uint64_t dropped = 0;
    size_t used = 0;
    const char *separator = ": ";
    for (unsigned counter = 0; counter < PGORAW_MAX_COUNTERS; counter++) {
        if (counter_is_drop(counter))
            dropped += report->counters[counter];
    }
    if (dropped == 0)
        return;
    used = (size_t)snprintf(text, sizeof(text), "%s", text_count(dropped, number));
    for (unsigned counter = 0; counter < PGORAW_MAX_COUNTERS && used < sizeof(text); counter++) {
        if (!counter_is_drop(counter) || report->counters[counter] == 0)
            continue;
        const char *meaning = counter_text(counter);
        if (strncmp(meaning, "dropped: ", 9) == 0)
            meaning += 9;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s", separator, meaning,
                                 text_count(report->counters[counter], number));
        separator = ", ";
    }
    print_fact(stream, "dropped", text);
}

/* What the governor chose, and from what. */
static void print_governor(const struct report *report, FILE *stream)
{
    const struct recording *recording =
        report->profile->recording_count ? &report->profile->recordings[0] : NULL;
    uint64_t samples = report->counters[PGORAW_COUNT_SAMPLES];
    char text[512];
    int used;

    if (!recording || recording->budget_ppm == 0 || samples == 0)
        return;
    used = snprintf(
        text, sizeof(text),
        "%g %% of CPU time; a sample took %.1f us in the handler, %.1f us to deliver and "
        "%.1f us at context switches and in system calls, loading %.1f ms",
        recording->budget_ppm / 1e4,
        (double)report->counters[PGORAW_COUNT_HANDLER_NANOSECONDS] / 1e3 / (double)samples,
        (double)report->counters[PGORAW_COUNT_DELIVERY_NANOSECONDS] / 1e3 / (double)samples,
        (double)report->counters[PGORAW_COUNT_SWITCH_NANOSECONDS] / 1e3 / (double)samples,
        (double)report->counters[PGORAW_COUNT_START_NANOSECONDS] / 1e6);
    if (recording->period_ns && recording->shortest_period_ns)
        snprintf(text + used, sizeof(text) - (size_t)used,
                 recording->period_ns > recording->shortest_period_ns
                     ? "; so one every %.2f ms in the end, not every %.2f ms"
                     : "; so one every %.2f ms, as asked for",
                 (double)recording->period_ns / 1e6, (double)recording->shortest_period_ns / 1e6);
    print_fact(stream, "budget", text);
    if (report->counters[PGORAW_COUNT_THREADS_ON_TIMERS]) {
        snprintf(text, sizeof(text),
                 "%" PRIu64 " threads: switched to so often that perf_event's clocks cost too much "
                 "of the budget; timers look at the time at the kernel's ticks only",
                 report->counters[PGORAW_COUNT_THREADS_ON_TIMERS]);
        print_fact(stream, "timers", text);
    }
    if (report->counters[PGORAW_COUNT_THREADS_GIVEN_UP]) {
        snprintf(text, sizeof(text),
                 "%" PRIu64
                 " threads: switched to so often that their clocks alone would have cost "
                 "ten times the budget; pgo-record -p by root has no such cost, --budget allows it",
                 report->counters[PGORAW_COUNT_THREADS_GIVEN_UP]);
        print_fact(stream, "given up", text);
    }
}

static void print_totals(const struct report *report, FILE *stream)
{
    const struct hotspots *hotspots = &report->hotspots;
    char text[512];
    char samples[32], windows[32], branches[32];
    snprintf(text, sizeof(text), "%s in %s; %s branches in %s windows",
             text_count(hotspots->samples, samples),
             report->module == PROFILE_MODULE_NONE ? "all modules" : "this module",
             text_count(report->counters[PGORAW_COUNT_BRANCHES], branches),
             text_count(report->counters[PGORAW_COUNT_WINDOWS], windows));
    print_fact(stream, "samples", text);
    print_governor(report, stream);
    print_dropped(report, stream);
    snprintf(text, sizeof(text),
             "%.1f %% of samples outside every module, %.1f %% in code without symbols, "
             "%.1f %% of call stacks cut short",
             percent(hotspots->samples_outside, hotspots->samples),
             percent(hotspots->samples_unnamed, hotspots->samples),
             percent(report->counters[PGORAW_COUNT_STACKS_TRUNCATED],
                     report->counters[PGORAW_COUNT_STACKS]));
    print_fact(stream, "unknown", text);
    if (report->counters[PGORAW_COUNT_WINDOWS] > 0) {
        char why[CORRECTION_TEXT];
        snprintf(text, sizeof(text), "%s; %s",
                 correction_is_sound(report->profile) ? "corrected for compilers, else raw" : "raw",
                 correction_text(report->profile, why));
        print_fact(stream, "counts", text);
    }
}

static void print_functions(const struct report *report, FILE *stream, const struct style *style)
{
    const struct hotspots *hotspots = &report->hotspots;
    if (hotspots->function_count == 0)
        return;
    fprintf(stream, "\n%sHottest functions%s\n  %7s %12s  %-40s %s\n", style->heading, style->end,
            "self", "samples", "function", "module");
    for (size_t i = 0; i < hotspots->function_count && i < report->top; i++) {
        const struct hot_function *hot = &hotspots->functions[i];
        char name[NAME_SIZE] = "(no symbol)";
        char module[NAME_SIZE];
        char samples[32];
        if (hot->function)
            location_text((struct location){hot->module, hot->function->address}, report->profile,
                          report->binaries, report->demangled, name, sizeof(name));
        fprintf(stream, "  %s%6.2f%%%s %12s  %-40s %s\n", style->share,
                percent(hot->samples, hotspots->samples), style->end,
                text_count(hot->samples, samples), name,
                module_text(hot->module, report->profile, module, sizeof(module)));
    }
}

static void print_call_sites(const struct report *report, FILE *stream, const struct style *style)
{
    const struct hotspots *hotspots = &report->hotspots;
    if (hotspots->call_site_count == 0)
        return;
    fprintf(stream, "\n%sHottest call sites%s\n  %12s  %-40s %s\n", style->heading, style->end,
            "calls", "site", "targets");
    for (size_t i = 0; i < hotspots->call_site_count && i < report->top; i++) {
        const struct call_site *site = &hotspots->call_sites[i];
        char name[NAME_SIZE];
        char count[32];
        fprintf(stream, "  %12s  %-40s", text_count(site->count, count),
                location_text(site->location, report->profile, report->binaries, report->demangled,
                              name, sizeof(name)));
        for (size_t t = 0; t < site->target_count && t < TARGETS_SHOWN; t++) {
            const struct call_target *target = &hotspots->targets[site->first_target + t];
            fprintf(stream, "%s%s %s%.0f%%%s", t > 0 ? ", " : " ",
                    location_text(target->location, report->profile, report->binaries,
                                  report->demangled, name, sizeof(name)),
                    style->share, percent(target->count, site->count), style->end);
        }
        if (site->target_count > TARGETS_SHOWN)
            fprintf(stream, ", and %zu more", site->target_count - TARGETS_SHOWN);
        fputc('\n', stream);
    }
}

static void print_branches(const struct report *report, FILE *stream, const struct style *style)
{
    const struct hotspots *hotspots = &report->hotspots;
    if (hotspots->branch_count == 0)
        return;
    fprintf(stream, "\n%sHottest conditional branches%s\n  %7s %12s %12s  %s\n", style->heading,
            style->end, "taken", "taken", "not taken", "branch");
    for (size_t i = 0; i < hotspots->branch_count && i < report->top; i++) {
        const struct hot_branch *branch = &hotspots->branches[i];
        char name[NAME_SIZE];
        char taken[32], not_taken[32];
        double whole = (double)branch->taken + (double)branch->not_taken;
        fprintf(stream, "  %s%6.1f%%%s %12s %12s  %s\n", style->share,
                whole > 0 ? 100.0 * (double)branch->taken / whole : 0, style->end,
                text_count(branch->taken, taken), text_count(branch->not_taken, not_taken),
                location_text(branch->location, report->profile, report->binaries,
                              report->demangled, name, sizeof(name)));
    }
}

void report_print(const struct report *report, FILE *stream, bool colour)
{
    static const struct style plain = {"", "", ""};
    static const struct style coloured = {"\033[1m", "\033[36m", "\033[0m"};
    const struct style *style = colour ? &coloured : &plain;
    print_header(report, stream);
    print_totals(report, stream);
    print_functions(report, stream, style);
    print_call_sites(report, stream, style);
    print_branches(report, stream, style);
}
