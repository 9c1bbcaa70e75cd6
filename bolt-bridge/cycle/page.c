#include "bolt-bridge/cycle/page.h"

#include "analyzer/base/file.h"
#include "analyzer/base/output.h"
#include "analyzer/base/text.h"
#include "analyzer/write/html/frame.h"
#include "analyzer/write/html/text.h"
#include "bolt-bridge/cycle/report.h"
#include "bolt-bridge/cycle/sides.h"
#include "bolt-bridge/report/counts_table.h"
#include "bolt-bridge/report/pairs_picture.h"
#include "bolt-bridge/report/table.h"

#define MIB 1048576.0

static void begin_section(FILE *stream, const char *id, const char *heading)
{
    fprintf(stream, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id, id, heading);
}

static void write_sentence(FILE *stream, const struct measure_row *row)
{
    char sentence[256];

    table_sentence(row, sentence, sizeof(sentence));
    html_text(stream, sentence);
}

static bool has_weakness(const struct checklist *checklist)
{
    for (size_t i = 0; i < checklist->count; i++)
        if (checklist->items[i].verdict == VERDICT_WEAK)
            return true;
    return false;
}

/* "app.bolt: not made, it is slower". */
static void write_verdict(const struct cycle *cycle, const struct checklist *checklist,
                          FILE *stream)
{
    const struct cycle_request *request = cycle->request;
    const char *done = request->profile_only ? "recorded" : "made";
    const char *refused = request->profile_only ? "refused" : "not made";

    begin_section(stream, "h-verdict", "Verdict");
    fputs("<p><code>", stream);
    html_text(stream, request->profile_only ? request->name : request->output);
    fputs("</code>: ", stream);
    html_verdict(stream, cycle->accepted ? VERDICT_OK : VERDICT_FAIL,
                 cycle->accepted ? done : refused);
    if (cycle->reason) {
        fputs(", ", stream);
        html_text(stream, cycle->reason);
    }
    fputs(".", stream);
    if (cycle->accepted && !cycle->candidate && !request->profile_only)
        fputs(" It is a copy of the program: there is nothing to gain.", stream);
    if (cycle->accepted && has_weakness(checklist))
        fputs(" Somebody should look at what is weak in the checklist.", stream);
    fputs("</p>\n", stream);
    if (cycle->compared && cycle->comparison.same) {
        fputs("<p>CPU time: ", stream);
        write_sentence(stream, &cycle->comparison.all.cpu[cycle_side_count(cycle) - 1]);
        fprintf(stream, "; decided by %s.</p>\n", cycle->has_counts ? "counts" : "time");
    }
    fputs("</section>\n", stream);
}

static void write_workload(const struct cycle *cycle, size_t number, FILE *stream)
{
    const struct workload *workload = &cycle->request->workloads->items[number];

    fputs("<tr><th scope=\"row\">", stream);
    html_text(stream, workload->name ? workload->name : "the workload");
    fprintf(stream, "</th><td>%u</td><td>", workload->weight);
    write_sentence(stream, &cycle->plain.overheads[number].all.cpu[MEASURE_B]);
    fputs("</td><td><code>", stream);
    for (size_t i = 0; i < workload->word_count; i++) {
        fputs(i > 0 ? " " : "", stream);
        html_text(stream, workload->words[i]);
    }
    if (workload->input_file) {
        fputs(" &lt; ", stream);
        html_text(stream, workload->input_file);
    }
    fputs("</code></td></tr>\n", stream);
}

static void write_recording(const struct cycle *cycle, FILE *stream)
{
    static const char *const columns[] = {"Workload", "Weight", "Cost of recording", "Arguments",
                                          NULL};
    const struct cycle_subject *plain = &cycle->plain;
    char samples[32], own[32], branches[32];

    begin_section(stream, "h-recorded", "What was recorded");
    fprintf(stream,
            "<p>%zu recordings: %s samples, %s of them in the program, with %s taken branches.",
            plain->recordings, text_count(plain->samples, samples),
            text_count(plain->own_samples, own), text_count(plain->own_branches, branches));
    if (plain->damaged > 0)
        fprintf(stream, " %zu more are damaged and were left out.", plain->damaged);
    fputs("</p>\n", stream);
    html_table_begin(stream, "facts", columns);
    for (size_t i = 0; i < cycle->request->workloads->count; i++)
        write_workload(cycle, i, stream);
    html_table_end(stream);
    fputs("</section>\n", stream);
}

static void write_stage(const struct cycle *cycle, const struct report_stage *stage, size_t side,
                        FILE *stream)
{
    const struct measure_figures *all = &cycle->comparison.all;

    fprintf(stream,
            "<tr><th scope=\"row\">%s</th><td class=\"n\">%.3f s</td><td class=\"n\">%.2f MiB</td>"
            "<td class=\"n\">%.2f MiB</td><td>",
            stage->name, all->cpu[side].value, (double)file_size(stage->file) / MIB,
            (double)all->peak_bytes[side] / MIB);
    if (stage->row)
        write_sentence(stream, stage->row);
    fputs("</td></tr>\n", stream);
    if (stage->step) {
        fputs("<tr><th scope=\"row\">BOLT alone</th><td></td><td></td><td></td><td>", stream);
        write_sentence(stream, stage->step);
        fputs("</td></tr>\n", stream);
    }
}

static void write_stages(const struct cycle *cycle, FILE *stream)
{
    static const char *const columns[] = {"Program",     "CPU time",          "File size",
                                          "Peak memory", "Against the plain", NULL};
    struct report_stage stages[MEASURE_SIDES];
    size_t count = report_list_stages(cycle, stages);

    begin_section(stream, "h-made", "What was made");
    if (cycle->has_rebuilt) {
        fputs("<p>Rebuilt with the profile by <code>", stream);
        html_text(stream, cycle->request->build_command);
        fputs("</code>.</p>\n", stream);
    }
    if (cycle->has_relinked) {
        fputs("<p>llvm-bolt ", stream);
        html_text(stream, cycle->relink.bolt.version);
        fprintf(stream, ": %zu of %zu functions have a profile.</p>\n",
                (size_t)cycle->relink.outcome.profiled_functions,
                (size_t)cycle->relink.outcome.all_functions);
    }
    if (count > 0) {
        html_table_begin(stream, "facts", columns);
        for (size_t i = 0; i < count; i++)
            write_stage(cycle, &stages[i], i, stream);
        html_table_end(stream);
    } else {
        fputs("<p>Times were not compared: the checklist says why.</p>\n", stream);
    }
    fputs("</section>\n", stream);
}

/* Where one of several workloads is slower, the mean of all hides it. */
static void write_workloads(const struct measure_request *request,
                            const struct measure_report *report, FILE *stream)
{
    static const char *const columns[] = {"Workload", "Plain", "New", "Side", "Difference", NULL};

    html_table_begin(stream, "facts", columns);
    for (size_t i = 0; i < request->workload_count; i++)
        for (size_t side = MEASURE_B; side < request->side_count; side++) {
            const struct measure_row *rows = report->workloads[i].cpu;
            fputs("<tr><th scope=\"row\">", stream);
            html_text(stream, request->workloads[i].name);
            fprintf(stream,
                    "</th><td class=\"n\">%.3f s</td><td class=\"n\">%.3f s</td><td>%s</td><td>",
                    rows[MEASURE_A].value, rows[side].value, table_letter((enum measure_side)side));
            write_sentence(stream, &rows[side]);
            fputs("</td></tr>\n", stream);
        }
    html_table_end(stream);
}

static void write_count(enum count_source source, const struct count_pair *pair,
                        enum count_kind kind, FILE *stream)
{
    char before[32], after[32];

    if (count_text(source, kind))
        fprintf(stream,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%+.2f %%</td></tr>\n",
                count_text(source, kind), text_count(pair->before.values[kind], before),
                text_count(pair->after.values[kind], after),
                100 * (counts_table_ratio(pair, kind) - 1));
}

static void write_counts(const struct cycle *cycle, const struct measure_request *request,
                         FILE *stream)
{
    static const char *const columns[] = {"Count", "Plain", "New", "Difference", NULL};
    const struct count_comparison *counted = &cycle->counted;

    fprintf(stream, "<h3>Times cannot tell; by %s's counts it is %s</h3>\n",
            count_source_text(counted->source), count_verdict_text(counted->judgement.verdict));
    for (size_t i = 0; i < counted->count; i++) {
        if (request->workloads[i].name) {
            fputs("<p>", stream);
            html_text(stream, request->workloads[i].name);
            fputs("</p>\n", stream);
        }
        html_table_begin(stream, "facts", columns);
        for (size_t kind = 0; kind < COUNT_KINDS; kind++)
            write_count(counted->source, &counted->pairs[i], (enum count_kind)kind, stream);
        html_table_end(stream);
    }
}

static void write_comparison(const struct cycle *cycle, FILE *stream)
{
    struct measure_workload workloads[MEASURE_WORKLOADS] = {0};
    const struct measure_report *report = &cycle->comparison;
    struct measure_request request;

    cycle_describe_comparison(cycle, &request, workloads);
    begin_section(stream, "h-compared", "How it compares");
    if (!report->same) {
        fputs("<p>It behaves differently: ", stream);
        html_text(stream, report->difference);
        fputs("</p></section>\n", stream);
        return;
    }
    pairs_picture_write(stream, &request, report, &cycle->pairs);
    fprintf(stream, "<p>The same behaviour in %zu runs; %zu pairs: %s.</p>\n", report->runs,
            report->pairs, stopping_text(report->stopped));
    if (request.workload_count > 1)
        write_workloads(&request, report, stream);
    if (cycle->has_counts)
        write_counts(cycle, &request, stream);
    fputs("</section>\n", stream);
}

static void write_checklist(const struct checklist *checklist, FILE *stream)
{
    static const char *const columns[] = {"Check", "Verdict", "What was found", NULL};

    begin_section(stream, "h-checklist", "Checklist");
    html_table_begin(stream, "checks", columns);
    for (size_t i = 0; i < checklist->count; i++) {
        html_check_begin(stream, checklist->items[i].name, checklist->items[i].verdict);
        html_text(stream, checklist->items[i].text);
        fputs("</td></tr>\n", stream);
    }
    html_table_end(stream);
    fputs("</section>\n", stream);
}

void cycle_page_write(const struct cycle *cycle, const struct checklist *checklist, FILE *stream)
{
    struct html_link sections[6] = {{"h-verdict", "Verdict"}, {"h-recorded", "Recorded"}};
    size_t count = 2;

    if (cycle->candidate)
        sections[count++] = (struct html_link){"h-made", "Made"};
    if (cycle->compared)
        sections[count++] = (struct html_link){"h-compared", "Compared"};
    sections[count] = (struct html_link){"h-checklist", "Checklist"};
    html_frame_begin(stream, text_file_name(cycle->request->name), "optimisation", sections);
    write_verdict(cycle, checklist, stream);
    write_recording(cycle, stream);
    if (cycle->candidate)
        write_stages(cycle, stream);
    if (cycle->compared)
        write_comparison(cycle, stream);
    write_checklist(checklist, stream);
    html_frame_end(stream, "pgo-bolt", false);
}

struct page_input {
    const struct cycle *cycle;
    const struct checklist *checklist;
};

static bool produce(FILE *stream, void *context, struct error *error)
{
    const struct page_input *input = context;
    (void)error; /* the stream is checked afterwards */
    cycle_page_write(input->cycle, input->checklist, stream);
    return true;
}

bool cycle_page_make(const struct cycle *cycle, const struct checklist *checklist,
                     struct error *error)
{
    struct page_input input = {cycle, checklist};

    return output_write_file(cycle->request->page, cycle->replaces_page, produce, &input, error);
}
