#include "analyzer/write/html/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/text.h"
#include "analyzer/base/verdict.h"
#include "analyzer/write/html/frame.h"
#include "analyzer/write/html/sections.h"
#include "analyzer/write/html/text.h"

#define NAME_SIZE 300
#define FUNCTIONS_LISTED 25

static const char *program_name(const struct html_page *page)
{
    const struct profile *profile = page->profile;
    if (profile->recording_count > 0 && *profile->recordings[0].program)
        return text_file_name(profile->recordings[0].program);
    return profile->module_count > 0 ? text_file_name(profile->modules[0].path) : "a profile";
}

static void write_facts(const struct html_page *page, FILE *stream)
{
    char samples[32], stacks[32];
    fprintf(stream, "<p>%s sample%s, %s of them with a call stack",
            text_count(page->costs->samples, samples), page->costs->samples == 1 ? "" : "s",
            text_count(page->costs->stacks, stacks));
    if (page->cpu_time_ns > 0)
        fprintf(stream, ": about %.1f s of CPU time", (double)page->cpu_time_ns / 1e9);
    if (page->profile->recording_count > 1)
        fprintf(stream, ", from %zu recordings", page->profile->recording_count);
    fputs(".</p>\n", stream);
    if (page->profile->recording_count > 0 && *page->profile->recordings[0].command_line) {
        fputs("<p class=\"small\"><code>", stream);
        html_text(stream, page->profile->recordings[0].command_line);
        fputs("</code></p>\n", stream);
    }
}

/* How far the recording has converged, beside what is enough. */
static void write_convergence(const struct quality_finding *finding, FILE *stream)
{
    for (size_t i = 0; i < finding->figure_count; i++) {
        if (strcmp(finding->figures[i].name, "expected") != 0)
            continue;
        double share = finding->figures[i].real;
        fprintf(
            stream,
            "<svg class=\"converged\" role=\"img\" width=\"220\" height=\"22\" aria-label=\"%.1f "
            "%% converged; 95 %% is enough\"><rect class=\"ground\" x=\"0\" y=\"4\" width=\"200\" "
            "height=\"12\"/><rect class=\"m4\" x=\"0\" y=\"4\" width=\"%.1f\" height=\"12\"/><path "
            "class=\"mark\" d=\"M190 0v20\"/></svg>",
            100 * share, 200 * (share > 0 ? share : 0));
    }
}

static void write_quality(const struct html_page *page, FILE *stream)
{
    static const char *const columns[] = {"Check", "Verdict", "What was found", "What to do", NULL};
    const struct quality *quality = page->quality;

    fputs("<section aria-labelledby=\"h-quality\"><h2 id=\"h-quality\">Is it good enough?</h2>\n",
          stream);
    if (!quality) {
        fputs("<p>Not known: no recorded binary is at hand.</p></section>\n", stream);
        return;
    }
    fputs("<p>", stream);
    html_verdict(stream, quality->verdict, verdict_name(quality->verdict));
    fputs(" for ", stream);
    html_text(stream, text_file_name(page->profile->modules[page->judged].path));
    fputs("</p>\n", stream);
    html_table_begin(stream, "checks", columns);
    for (size_t i = 0; i < quality->finding_count; i++) {
        const struct quality_finding *finding = &quality->findings[i];
        html_check_begin(stream, finding->name, finding->verdict);
        if (strcmp(finding->name, "convergence") == 0)
            write_convergence(finding, stream);
        html_text(stream, finding->text);
        fputs("</td><td>", stream);
        html_text(stream, finding->remedy);
        fputs("</td></tr>\n", stream);
    }
    html_table_end(stream);
    fputs("</section>\n", stream);
}

static void write_function_row(const struct html_page *page, const struct function_cost *cost,
                               FILE *stream)
{
    const struct function_costs *costs = page->costs;
    char number[32];
    fprintf(stream, "<tr><td>%.2f %%</td><td>",
            costs->samples > 0 ? 100 * (double)cost->self / (double)costs->samples : 0);
    if (costs->stacks > 0)
        fprintf(stream, "%.2f %%", 100 * (double)cost->total / (double)costs->whole);
    fprintf(stream, "</td><td>%s</td><td>", text_count(cost->self, number));
    html_page_name_write(page, cost, stream);
    fputs("</td><td>", stream);
    html_text(stream, cost->module < page->profile->module_count
                          ? text_file_name(page->profile->modules[cost->module].path)
                          : "outside");
    fputs("</td></tr>\n", stream);
}

static bool write_functions(const struct html_page *page, FILE *stream, struct error *error)
{
    static const char *const columns[] = {"self", "total", "samples", "function", "module", NULL};
    uint32_t *order = function_costs_order(page->costs, ORDER_BY_SELF, error);
    size_t listed = 0;
    if (!order)
        return false;
    fputs(
        "<section aria-labelledby=\"h-functions\"><h2 id=\"h-functions\">Hottest functions</h2>\n",
        stream);
    html_table_begin(stream, "numbers", columns);
    for (size_t i = 0; i < page->costs->count && listed < FUNCTIONS_LISTED; i++) {
        const struct function_cost *cost = &page->costs->items[order[i]];
        if (cost->self + cost->total == 0 || cost->module == PROFILE_MODULE_NONE)
            continue;
        write_function_row(page, cost, stream);
        listed++;
    }
    html_table_end(stream);
    fputs("</section>\n", stream);
    free(order);
    return true;
}

bool html_page_write(const struct html_page *page, FILE *stream, struct error *error)
{
    static const struct html_link sections[] = {
        {"h-quality", "Quality"},   {"h-functions", "Functions"}, {"h-flame", "Flame graph"},
        {"h-code", "Hottest code"}, {"h-memory", "Memory"},       {NULL, NULL}};

    html_frame_begin(stream, program_name(page), "profile", sections);
    write_facts(page, stream);
    write_quality(page, stream);
    if (!write_functions(page, stream, error) || !html_flame_write(page, stream, error) ||
        !html_functions_write(page, stream, error) || !html_layout_write(page, stream, error))
        return false;
    html_frame_end(stream, "pgo-analyze", true);
    return true;
}
