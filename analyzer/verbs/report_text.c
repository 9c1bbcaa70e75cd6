/* A report for people: aligned columns, and colour where there is a terminal. */
#include "analyzer/verbs/report_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "analyzer/base/text_table.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/verbs/describe.h"
#include "include/pgoshim/raw.h"

#define NAME_SIZE 256
#define TARGETS_SHOWN 3

/* "5.9 s", "120 ms". */
static void write_time(uint64_t nanoseconds, char *text, size_t size)
{
    if (nanoseconds >= 600000000000)
        snprintf(text, size, "%.1f min", (double)nanoseconds / 60e9);
    else if (nanoseconds >= 1000000000)
        snprintf(text, size, "%.1f s", (double)nanoseconds / 1e9);
    else
        snprintf(text, size, "%.0f ms", (double)nanoseconds / 1e6);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* "about 5.9 s of CPU time, in 2 processes with 9 threads; began 2026-11-28 12:00:00 UTC". */
static void print_time(const struct report *report, FILE *stream)
{
    uint64_t processes = report->counters[PGORAW_COUNT_PROCESSES];
    uint64_t threads = report->counters[PGORAW_COUNT_THREADS];
    uint64_t start = report->profile->recordings[0].start_time_ns;
    char text[512], time[40], number[32];
    int used = 0;
    if (report->cpu_time_ns > 0) {
        write_time(report->cpu_time_ns, time, sizeof(time));
        used += snprintf(text, sizeof(text), "about %s of CPU time", time);
    }
    if (processes > 0)
        used += snprintf(text + used, sizeof(text) - (size_t)used, "%s%s process%s",
                         used > 0 ? " in " : "", text_count(processes, number),
                         processes == 1 ? "" : "es");
    if (threads > 0)
        used += snprintf(text + used, sizeof(text) - (size_t)used, "%s%s thread%s",
                         used > 0 ? " with " : "", text_count(threads, number), plural(threads));
    if (start > 0)
        used += snprintf(text + used, sizeof(text) - (size_t)used, "%sbegan %s",
                         used > 0 ? "; " : "", time_text(start, time));
    if (used > 0)
        print_fact(stream, "time", text);
}

static void print_header(const struct report *report, FILE *stream)
{
    const struct profile *profile = report->profile;
    char text[512];
    const struct recording *recording = profile->recording_count ? &profile->recordings[0] : NULL;
    if (!recording)
        return;
    print_fact(stream, "program", recording->program);
    if (report->is_verbose)
        print_fact(stream, "command", recording->command_line);
    if (profile->recording_count > 1) {
        snprintf(text, sizeof(text), "%zu, the first is shown", profile->recording_count);
        print_fact(stream, "recordings", text);
    }
    print_time(report, stream);
}

static void print_method(const struct report *report, FILE *stream)
{
    const struct recording *recording =
        report->profile->recording_count ? &report->profile->recordings[0] : NULL;
    if (!recording)
        return;
    print_fact(stream, "sampler", sampler_text(recording->sampler));
    print_fact(stream, "branches", branch_source_text(recording->branch_source));
    print_fact(stream, "why", recording->why);
}

/* How good it is, for what, and what to do: the worst findings alone. */
static void print_quality(const struct report *report, FILE *stream)
{
    static const char *const uses[] = {
        [VERDICT_OK] = "good enough to rebuild or relink with",
        [VERDICT_WEAK] = "it can be used, and more would be better",
        [VERDICT_FAIL] = "not good enough to rebuild or relink with",
    };
    const struct quality *quality = &report->quality;
    char text[2048], module[NAME_SIZE];
    int used;
    if (!report->has_quality) {
        print_fact(stream, "quality", "not known: no recorded binary is at hand; give it with -b");
        return;
    }
    used = snprintf(text, sizeof(text), "%s for %s: %s", verdict_name(quality->verdict),
                    module_text(report->judged, report->profile, module, sizeof(module)),
                    uses[quality->verdict]);
    for (size_t i = 0; i < quality->finding_count; i++) {
        const struct quality_finding *finding = &quality->findings[i];
        if (finding->verdict != quality->verdict || finding->verdict == VERDICT_OK)
            continue;
        used += snprintf(text + used, sizeof(text) - (size_t)used, "; %s: %s", finding->name,
                         finding->remedy);
    }
    print_fact(stream, "quality", text);
}

/* "120: too soon (100), table full (20)", or nothing where nothing was dropped. */
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
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (%s)", separator, meaning,
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
    if (report->is_verbose)
        print_fact(stream, "budget", text);
    if (report->counters[PGORAW_COUNT_THREADS_ON_TIMERS]) {
        snprintf(text, sizeof(text),
                 "%" PRIu64 " threads: perf_event's clocks would cost them more, as interrupts of "
                 "virtual machines or at switches; timers look at the time at the kernel's ticks",
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

/* Shares that are worth a word, or all with -v. */
static void print_unknown(const struct report *report, FILE *stream)
{
    const struct function_costs *costs = &report->costs;
    const struct {
        double share;
        const char *text;
    } parts[] = {
        {percent(costs->samples_outside, costs->samples), "of samples outside every module"},
        {percent(costs->samples_unnamed, costs->samples), "in code without symbols"},
        {percent(report->counters[PGORAW_COUNT_STACKS_TRUNCATED],
                 report->counters[PGORAW_COUNT_STACKS]),
         "of call stacks cut short"},
        {costs->stacks > 0 ? 100 - percent(costs->stacks, costs->samples) : 0,
         "of samples without a call stack, which `total` has by those that have one"},
    };
    char text[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (report->is_verbose || parts[i].share >= 1)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.1f %% %s",
                                     used > 0 ? ", " : "", parts[i].share, parts[i].text);
    }
    print_fact(stream, "unknown", text);
}

static void print_totals(const struct report *report, FILE *stream)
{
    const struct hotspots *hotspots = &report->hotspots;
    char text[512];
    char samples[32], windows[32], branches[32], stacks[32];
    snprintf(text, sizeof(text), "%s in %s, %s with a call stack; %s branches in %s windows",
             text_count(hotspots->samples, samples),
             report->module == PROFILE_MODULE_NONE ? "all modules" : "this module",
             text_count(report->costs.stacks, stacks),
             text_count(report->counters[PGORAW_COUNT_BRANCHES], branches),
             text_count(report->counters[PGORAW_COUNT_WINDOWS], windows));
    print_fact(stream, "samples", text);
    print_quality(report, stream);
    if (report->is_verbose)
        print_method(report, stream);
    print_governor(report, stream);
    print_dropped(report, stream);
    print_unknown(report, stream);
    if (report->is_verbose && report->counters[PGORAW_COUNT_WINDOWS] > 0) {
        char why[CORRECTION_TEXT];
        snprintf(text, sizeof(text), "%s; %s",
                 correction_is_sound(report->profile) ? "corrected for compilers, else raw" : "raw",
                 correction_text(report->profile, why));
        print_fact(stream, "counts", text);
    }
}

/* --- lists -------------------------------------------------------------------------------- */

struct printer {
    const struct report *report;
    FILE *stream;
    size_t width;
    bool colour;
    struct error *error;
};

static bool add_name(const struct printer *printer, struct text_table *table,
                     const struct function_cost *cost)
{
    const struct report *report = printer->report;
    char name[NAME_SIZE] = "(no symbol)";
    if (cost->module == PROFILE_MODULE_NONE)
        return text_table_add(table, printer->error, "(not known: call stack cut short)");
    if (cost->function)
        location_text((struct location){cost->module, cost->function->address}, report->profile,
                      report->binaries, report->demangled, name, sizeof(name));
    return text_table_add(table, printer->error, "%s", name);
}

static bool add_place(const struct printer *printer, struct text_table *table,
                      struct location location)
{
    char text[NAME_SIZE];
    return text_table_add(
        table, printer->error, "%s",
        source_place_text(source_places_at(printer->report->places, location), text, sizeof(text)));
}

static bool add_module(const struct printer *printer, struct text_table *table,
                       const struct function_cost *cost)
{
    char module[NAME_SIZE];
    return text_table_add(
        table, printer->error, "%s",
        module_text(cost->module, printer->report->profile, module, sizeof(module)));
}

static bool add_source(const struct printer *printer, struct text_table *table,
                       const struct function_cost *cost)
{
    if (!cost->function)
        return text_table_add(table, printer->error, "%s", "");
    return add_place(printer, table, (struct location){cost->module, cost->function->address});
}

static bool add_function(const struct printer *printer, struct text_table *table,
                         const struct function_cost *cost)
{
    const struct function_costs *costs = &printer->report->costs;
    char samples[32];
    /* Of a module alone, shares are of what is in it. */
    bool done = text_table_add(table, printer->error, "%.2f%%",
                               percent(cost->self, printer->report->hotspots.samples));
    text_count(cost->self, samples);
    done = done && (costs->stacks == 0 ? text_table_add(table, printer->error, "%s", samples)
                                       : text_table_add(table, printer->error, "%.2f%%",
                                                        percent(cost->total, costs->whole)));
    done = done && add_name(printer, table, cost) && add_module(printer, table, cost);
    if (costs->stacks > 0)
        done = done && text_table_add(table, printer->error, "%s", samples);
    return done && add_source(printer, table, cost);
}

static bool print_functions(const struct printer *printer)
{
    /* The function is third and its module fourth with call stacks and without: scripts read this.
     */
    static const struct table_column columns[] = {
        {"self", true, false, true},      {"total", true, false, true},
        {"function", false, true, false}, {"module", false, true, false},
        {"samples", true, false, false},  {"source", false, true, false},
    };
    /* Without call stacks there is nothing to say of callees. */
    static const struct table_column plain_columns[] = {
        {"self", true, false, true},      {"samples", true, false, false},
        {"function", false, true, false}, {"module", false, true, false},
        {"source", false, true, false},
    };
    const struct report *report = printer->report;
    const struct function_costs *costs = &report->costs;
    bool with_stacks = costs->stacks > 0;
    struct text_table table = {.columns = with_stacks ? columns : plain_columns,
                               .column_count = with_stacks ? 6 : 5};
    bool done = true;
    size_t shown = 0;
    for (size_t i = 0; done && i < costs->count && shown < report->top; i++) {
        const struct function_cost *cost = &costs->items[report->order[i]];
        if (!report_wants(report, cost->module) || cost->self + cost->total == 0 ||
            cost->module == PROFILE_MODULE_NONE)
            continue;
        done = add_function(printer, &table, cost);
        shown++;
    }
    if (done)
        text_table_print(&table, "Hottest functions", printer->stream, printer->width,
                         printer->colour);
    text_table_free(&table);
    return done;
}

/* "a 80%, b 15%, and 3 more" */
static void write_targets(const struct report *report, const struct call_site *site, char *text,
                          size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (size_t t = 0; t < site->target_count && t < TARGETS_SHOWN && used < size; t++) {
        const struct call_target *target = &report->hotspots.targets[site->first_target + t];
        char name[NAME_SIZE];
        used += (size_t)snprintf(text + used, size - used, "%s%s %.0f%%", t > 0 ? ", " : "",
                                 location_text(target->location, report->profile, report->binaries,
                                               report->demangled, name, sizeof(name)),
                                 percent(target->count, site->count));
    }
    if (site->target_count > TARGETS_SHOWN && used < size)
        snprintf(text + used, size - used, ", and %zu more", site->target_count - TARGETS_SHOWN);
}

static bool print_call_sites(const struct printer *printer)
{
    static const struct table_column columns[] = {
        {"calls", true, false, false},
        {"site", false, true, false},
        {"source", false, true, false},
        {"targets", false, true, true},
    };
    const struct report *report = printer->report;
    const struct hotspots *hotspots = &report->hotspots;
    struct text_table table = {.columns = columns, .column_count = 4};
    bool done = true;
    for (size_t i = 0; done && i < hotspots->call_site_count && i < report->top; i++) {
        const struct call_site *site = &hotspots->call_sites[i];
        char name[NAME_SIZE], count[32], targets[TARGETS_SHOWN * NAME_SIZE];
        write_targets(report, site, targets, sizeof(targets));
        done = text_table_add(&table, printer->error, "%s", text_count(site->count, count)) &&
               text_table_add(&table, printer->error, "%s",
                              location_text(site->location, report->profile, report->binaries,
                                            report->demangled, name, sizeof(name))) &&
               add_place(printer, &table, site->location) &&
               text_table_add(&table, printer->error, "%s", targets);
    }
    if (done)
        text_table_print(&table, "Hottest call sites", printer->stream, printer->width,
                         printer->colour);
    text_table_free(&table);
    return done;
}

static bool print_branches(const struct printer *printer)
{
    static const struct table_column columns[] = {
        {"taken", true, false, true},      {"taken", true, false, false},
        {"not taken", true, false, false}, {"branch", false, true, false},
        {"source", false, true, false},
    };
    const struct report *report = printer->report;
    const struct hotspots *hotspots = &report->hotspots;
    struct text_table table = {.columns = columns, .column_count = 5};
    bool done = true;
    for (size_t i = 0; done && i < hotspots->branch_count && i < report->top; i++) {
        const struct hot_branch *branch = &hotspots->branches[i];
        char name[NAME_SIZE], taken[32], not_taken[32];
        double whole = (double)branch->taken + (double)branch->not_taken;
        done = text_table_add(&table, printer->error, "%.1f%%",
                              whole > 0 ? 100.0 * (double)branch->taken / whole : 0) &&
               text_table_add(&table, printer->error, "%s", text_count(branch->taken, taken)) &&
               text_table_add(&table, printer->error, "%s",
                              text_count(branch->not_taken, not_taken)) &&
               text_table_add(&table, printer->error, "%s",
                              location_text(branch->location, report->profile, report->binaries,
                                            report->demangled, name, sizeof(name))) &&
               add_place(printer, &table, branch->location);
    }
    if (done)
        text_table_print(&table, "Hottest conditional branches", printer->stream, printer->width,
                         printer->colour);
    text_table_free(&table);
    return done;
}

/* Of several recordings, which had how much. */
static bool print_recordings(const struct printer *printer)
{
    static const struct table_column columns[] = {
        {"samples", true, false, true},
        {"threads", true, false, false},
        {"process", true, false, false},
        {"program", false, true, false},
    };
    const struct profile *profile = printer->report->profile;
    uint64_t samples = printer->report->counters[PGORAW_COUNT_SAMPLES];
    struct text_table table = {.columns = columns, .column_count = 4};
    bool done = true;
    for (size_t i = 0; done && profile->recording_count > 1 && i < profile->recording_count &&
                       i < printer->report->top;
         i++) {
        const struct recording *recording = &profile->recordings[i];
        done = text_table_add(&table, printer->error, "%.2f%%",
                              percent(recording->counters[PGORAW_COUNT_SAMPLES], samples)) &&
               text_table_add(&table, printer->error, "%" PRIu64,
                              recording->counters[PGORAW_COUNT_THREADS]) &&
               text_table_add(&table, printer->error, "%" PRId32, recording->process_id) &&
               text_table_add(&table, printer->error, "%s", recording->program);
    }
    if (done)
        text_table_print(&table, "Recordings, by time", printer->stream, printer->width,
                         printer->colour);
    text_table_free(&table);
    return done;
}

/* --- one function ---------------------------------------------------------------------------- */

/* Callers, or callees, with the most samples and calls first. */
static int compare_by_samples(const void *left, const void *right)
{
    const struct function_call *a = left;
    const struct function_call *b = right;
    if (a->samples != b->samples)
        return a->samples > b->samples ? -1 : 1;
    if (a->calls != b->calls)
        return a->calls > b->calls ? -1 : 1;
    if (a->caller != b->caller)
        return a->caller < b->caller ? -1 : 1;
    return (a->callee > b->callee) - (a->callee < b->callee);
}

static bool print_calls(const struct printer *printer, bool of_callers, const char *title)
{
    static const struct table_column columns[] = {
        {"time", true, false, true},      {"calls", true, false, false},
        {"function", false, true, false}, {"module", false, true, false},
        {"source", false, true, false},
    };
    const struct report *report = printer->report;
    const struct function_costs *costs = &report->costs;
    struct text_table table = {.columns = columns, .column_count = 5};
    struct function_call *calls = calloc(costs->call_count + 1, sizeof(*calls));
    size_t count = 0;
    bool done = calls != NULL;
    if (!calls)
        return memory_exhausted(printer->error);
    for (size_t i = 0; i < costs->call_count; i++) {
        if ((of_callers ? costs->calls[i].callee : costs->calls[i].caller) == report->focus)
            calls[count++] = costs->calls[i];
    }
    qsort(calls, count, sizeof(*calls), compare_by_samples);
    for (size_t i = 0; done && i < count && i < report->top; i++) {
        const struct function_cost *other =
            &costs->items[of_callers ? calls[i].caller : calls[i].callee];
        char number[32];
        done = text_table_add(&table, printer->error, "%.2f%%",
                              percent(calls[i].samples, costs->whole)) &&
               text_table_add(&table, printer->error, "%s", text_count(calls[i].calls, number)) &&
               add_name(printer, &table, other) && add_module(printer, &table, other) &&
               add_source(printer, &table, other);
    }
    if (done)
        text_table_print(&table, title, printer->stream, printer->width, printer->colour);
    text_table_free(&table);
    free(calls);
    return done;
}

static bool print_focus(const struct printer *printer)
{
    const struct report *report = printer->report;
    const struct function_cost *focus = &report->costs.items[report->focus];
    struct location location = {focus->module, focus->function->address};
    char text[2 * NAME_SIZE], name[NAME_SIZE], place[NAME_SIZE];
    source_place_text(source_places_at(report->places, location), place, sizeof(place));
    snprintf(text, sizeof(text), "%s%s%s%s: %.2f %% self, %.2f %% with what it calls",
             location_text(location, report->profile, report->binaries, report->demangled, name,
                           sizeof(name)),
             *place ? " (" : "", place, *place ? ")" : "",
             percent(focus->self, report->costs.samples),
             percent(focus->total, report->costs.whole));
    print_fact(printer->stream, "function", text);
    print_fact(printer->stream, "",
               "time: share of samples, by their call stacks; calls: branches that were counted");
    return print_calls(printer, true, "Callers") && print_calls(printer, false, "Callees");
}

bool report_print(const struct report *report, FILE *stream, struct error *error)
{
    struct printer printer = {report, stream, terminal_width(stream), message_colour(stream),
                              error};
    print_header(report, stream);
    print_totals(report, stream);
    if (report->has_focus)
        return print_focus(&printer);
    return print_recordings(&printer) && print_functions(&printer) && print_call_sites(&printer) &&
           print_branches(&printer);
}
