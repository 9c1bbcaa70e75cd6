/*
 * Where hot code lies in memory: a row is a page of 4 KiB, a cell a cache line of 64 bytes, as
 * dark as it was fetched often.  Relinking moves hot code together; with a second profile, of the
 * relinked program, both are shown.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/write/html/frame.h"
#include "analyzer/write/html/sections.h"
#include "analyzer/write/html/text.h"

#define LINE_BYTES 64
#define LINES_IN_PAGE 64
/* Ranges are a few hundred bytes; what is longer is damage. */
#define LONGEST_RANGE (1u << 16)
#define MOST_PAGES 192
#define CELL 6
#define ROW 7
#define HEATS 6
#define HOT_SHARE 0.9

struct fetched_line {
    uint64_t number; /* its address in units of lines */
    uint64_t count;
};

struct memory_view {
    const struct profile *profile;
    uint32_t module;
    struct fetched_line *lines; /* once added up: by address, each once */
    size_t count, capacity;
    struct fetched_line *pages; /* likewise, by page */
    size_t page_count;
    uint64_t total;
    size_t hot_lines, hot_pages; /* the fewest that have HOT_SHARE of all */
    uint64_t least;              /* counts of a page that is drawn */
};

/* --- what was fetched ------------------------------------------------------------------------- */

static int compare_lines(const void *left, const void *right)
{
    const struct fetched_line *a = left;
    const struct fetched_line *b = right;
    return COMPARE(a->number, b->number);
}

static int compare_counts(const void *left, const void *right)
{
    const struct fetched_line *a = left;
    const struct fetched_line *b = right;
    int order = COMPARE(b->count, a->count);
    return order ? order : COMPARE(a->number, b->number);
}

static bool add_range(struct memory_view *view, uint64_t start, uint64_t end, uint64_t count,
                      struct error *error)
{
    if (end < start || end - start > LONGEST_RANGE)
        return true;
    for (uint64_t line = start / LINE_BYTES; line <= end / LINE_BYTES; line++) {
        if (!memory_reserve(&view->lines, &view->capacity, view->count + 1, sizeof(*view->lines),
                            error))
            return false;
        view->lines[view->count++] = (struct fetched_line){line, count};
    }
    return true;
}

static size_t unite(struct fetched_line *lines, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && lines[kept - 1].number == lines[i].number)
            lines[kept - 1].count = count_add(lines[kept - 1].count, lines[i].count);
        else
            lines[kept++] = lines[i];
    }
    return kept;
}

/* How many of the hottest have HOT_SHARE of the whole; the count of the last that is drawn in
 * *least. */
static bool count_hot(const struct fetched_line *lines, size_t count, uint64_t total, size_t *hot,
                      uint64_t *least, struct error *error)
{
    struct fetched_line *sorted = calloc(count + 1, sizeof(*sorted));
    uint64_t sum = 0;
    *hot = 0;
    if (!sorted) {
        memory_exhausted(error);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        sorted[i] = lines[i];
    qsort(sorted, count, sizeof(*sorted), compare_counts);
    while (*hot < count && (double)sum < HOT_SHARE * (double)total)
        sum = count_add(sum, sorted[(*hot)++].count);
    *least = count > MOST_PAGES ? sorted[MOST_PAGES - 1].count : 0;
    free(sorted);
    return true;
}

static bool add_up(struct memory_view *view, struct error *error)
{
    uint64_t unused;
    view->count = unite(view->lines, view->count);
    view->pages = calloc(view->count + 1, sizeof(*view->pages));
    if (!view->pages) {
        memory_exhausted(error);
        return false;
    }
    assert(view->lines || view->count == 0);
    for (size_t i = 0; i < view->count; i++) {
        view->pages[i] =
            (struct fetched_line){view->lines[i].number / LINES_IN_PAGE, view->lines[i].count};
        view->total = count_add(view->total, view->lines[i].count);
    }
    view->page_count = unite(view->pages, view->count);
    return count_hot(view->lines, view->count, view->total, &view->hot_lines, &unused, error) &&
           count_hot(view->pages, view->page_count, view->total, &view->hot_pages, &view->least,
                     error);
}

static bool find_lines(struct memory_view *view, struct error *error)
{
    for (size_t i = 0; i < view->profile->trace_count; i++) {
        const struct trace *trace = &view->profile->traces[i];
        uint64_t end = trace->has_range ? trace->end : trace->to.address;
        if (trace->to.module == view->module &&
            !add_range(view, trace->to.address, end, trace->count, error))
            return false;
    }
    return add_up(view, error);
}

static uint64_t counts_of(const struct profile *profile, uint32_t module)
{
    uint64_t counts = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (profile->traces[i].to.module == module)
            counts = count_add(counts, profile->traces[i].count);
    }
    return counts;
}

/*
 * The module with the most counts, of all or, where the recorded one is known, of those like it:
 * programs for a program, a library of that name for a library.
 */
static uint32_t hottest_module(const struct profile *profile, const struct module *like)
{
    uint32_t found = 0;
    uint64_t most = 0;
    for (uint32_t i = 0; i < profile->module_count; i++) {
        const struct module *module = &profile->modules[i];
        bool is_like = !like || (like->is_main ? module->is_main
                                               : strcmp(text_file_name(module->path),
                                                        text_file_name(like->path)) == 0);
        uint64_t counts = is_like ? counts_of(profile, i) : 0;
        if (counts > most) {
            most = counts;
            found = i;
        }
    }
    return most > 0 || !like ? found : hottest_module(profile, NULL);
}

/* --- the picture ------------------------------------------------------------------------------ */

/* Rows are the hottest pages in the order of their addresses. */
static void write_cells(const struct memory_view *view, unsigned heat, uint64_t most, FILE *stream)
{
    size_t row = 0;
    size_t page = 0;
    bool begun = false;
    for (size_t i = 0; i < view->count && row < MOST_PAGES; i++) {
        const struct fetched_line *line = &view->lines[i];
        while (view->pages[page].number != line->number / LINES_IN_PAGE)
            row += view->pages[page++].count >= view->least;
        if (row >= MOST_PAGES || view->pages[page].count < view->least ||
            html_heat(line->count, most) != heat)
            continue;
        if (!begun)
            fprintf(stream, "<path class=\"m%u\" d=\"", heat);
        begun = true;
        fprintf(stream, "M%u %zuh%dv%dh-%dz", (unsigned)(line->number % LINES_IN_PAGE) * ROW + 120,
                row * ROW, CELL, CELL, CELL);
    }
    if (begun)
        fputs("\"/>\n", stream);
}

/* Where pages do not follow one another, and there is room. */
static void write_addresses(const struct memory_view *view, FILE *stream)
{
    size_t row = 0;
    size_t free_row = 0;
    uint64_t before = UINT64_MAX - 1;
    for (size_t i = 0; i < view->page_count && row < MOST_PAGES; i++) {
        const struct fetched_line *page = &view->pages[i];
        if (page->count < view->least)
            continue;
        if (page->number != before + 1 && row >= free_row) {
            fprintf(stream, "<text x=\"112\" y=\"%zu\" text-anchor=\"end\">%#" PRIx64 "</text>\n",
                    row * ROW + 7, page->number * LINES_IN_PAGE * LINE_BYTES);
            free_row = row + 2;
        }
        before = page->number;
        row++;
    }
}

static void write_picture(const struct memory_view *view, FILE *stream)
{
    size_t rows = view->page_count < MOST_PAGES ? view->page_count : MOST_PAGES;
    uint64_t most = 0;
    for (size_t i = 0; i < view->count; i++)
        most = view->lines[i].count > most ? view->lines[i].count : most;
    fprintf(stream,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"memory\"><svg "
            "class=\"memory\" role=\"img\" width=\"%d\" height=\"%zu\" aria-label=\"%zu pages with "
            "code that ran\">\n<rect class=\"ground\" x=\"120\" y=\"0\" width=\"%d\" "
            "height=\"%zu\"/>\n",
            LINES_IN_PAGE * ROW + 124, rows * ROW + 2, view->page_count, LINES_IN_PAGE * ROW,
            rows * ROW);
    for (unsigned heat = 1; heat < HEATS; heat++)
        write_cells(view, heat, most, stream);
    write_addresses(view, stream);
    fputs("</svg></div>\n", stream);
    if (view->page_count > MOST_PAGES)
        fprintf(stream, "<p class=\"small\">Of %zu pages, the %d hottest are drawn.</p>\n",
                view->page_count, MOST_PAGES);
}

static bool write_view(const struct profile *profile, uint32_t module, const char *title,
                       FILE *stream, struct error *error)
{
    struct memory_view view = {.profile = profile, .module = module};
    char lines[32], pages[32];
    bool done = module >= profile->module_count || find_lines(&view, error);
    if (done && view.count > 0) {
        fprintf(stream, "<div class=\"half\"><h3>%s: ", title);
        html_text(stream, text_file_name(profile->modules[module].path));
        fprintf(stream,
                "</h3>\n<p>90 %% of what ran is in <b>%s line%s</b> of 64 bytes (%.1f KiB), and in "
                "<b>%s page%s</b> of 4 KiB.</p>\n",
                text_count(view.hot_lines, lines), view.hot_lines == 1 ? "" : "s",
                (double)view.hot_lines * LINE_BYTES / 1024, text_count(view.hot_pages, pages),
                view.hot_pages == 1 ? "" : "s");
        write_picture(&view, stream);
        fputs("</div>\n", stream);
    }
    free(view.lines);
    free(view.pages);
    return done;
}

bool html_layout_write(const struct html_page *page, FILE *stream, struct error *error)
{
    const struct profile *profile = page->profile;
    uint32_t module = page->quality ? page->judged : hottest_module(profile, NULL);
    const struct module *like = module < profile->module_count ? &profile->modules[module] : NULL;
    fputs("<section aria-labelledby=\"h-memory\"><h2 id=\"h-memory\">Hot code in memory</h2>\n"
          "<p class=\"small\">A row is a page of 4 KiB, a cell a line of 64 bytes, the darker the "
          "more often it was fetched. Fewer lines and pages are fewer misses.</p>\n"
          "<div class=\"halves\">\n",
          stream);
    bool done =
        write_view(profile, module, page->after ? "Before" : "As recorded", stream, error) &&
        (!page->after ||
         write_view(page->after, hottest_module(page->after, like), "After", stream, error));
    fputs("</div></section>\n", stream);
    return done;
}
