/* The hottest functions of the page: which, and what is shown of each. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/text.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/write/html/sections.h"
#include "analyzer/write/html/text.h"

#define PLACE_SIZE 300
/* Lines of code on the whole page: it stays small enough to be sent around. */
#define ROWS_ON_PAGE 2400
#define ROWS_OF_FUNCTION 600

static bool prepare(struct html_function *function, struct error *error)
{
    const struct html_page *page = function->page;
    const struct function_cost *cost = function->cost;
    const struct binary *binary = binaries_get(page->binaries, cost->module);
    struct profile *counts = NULL;
    bool done =
        annotation_counts(page->profile, cost->module, binary, &counts, error) &&
        annotation_build(&function->annotation, page->profile, counts ? counts : page->profile,
                         cost->module, cost->function, page->binaries, error) &&
        (function->disassembler = disassembler_new(binary, error)) &&
        (function->places = source_places_new(page->profile, page->binaries, error)) &&
        source_places_want(function->places, cost->module, cost->function->address,
                           cost->function->address + cost->function->extent, error);
    function->is_inferred = counts && !correction_is_sound(page->profile);
    profile_free(counts);
    return done;
}

static bool write_function(struct html_function *function, FILE *stream, struct error *error)
{
    char place[PLACE_SIZE], number[32];
    const struct function_cost *cost = function->cost;
    source_place_text(source_places_at(function->places,
                                       (struct location){cost->module, cost->function->address}),
                      place, sizeof(place));
    fprintf(stream, "<details class=\"fn\" id=\"f%zu\"%s><summary>", function->number,
            function->number == 1 ? " open" : "");
    html_page_name_write(function->page, cost, stream);
    fputs(" ", stream);
    html_text(stream, place);
    fprintf(stream, " <span class=\"small\">%s sample%s%s</span></summary>\n",
            text_count(cost->self, number), cost->self == 1 ? "" : "s",
            function->is_inferred ? "; runs are inferred from samples" : "");
    bool done =
        html_code_write(function, stream, error) && html_graph_write(function, stream, error);
    fputs("</details>\n", stream);
    return done;
}

bool html_functions_write(const struct html_page *page, FILE *stream, struct error *error)
{
    uint32_t *order = function_costs_order(page->costs, ORDER_BY_SELF, error);
    size_t rows = ROWS_ON_PAGE;
    size_t number = 0;
    bool done = order != NULL;
    fputs("<section aria-labelledby=\"h-code\"><h2 id=\"h-code\">Hottest code</h2>\n"
          "<p class=\"small\">Runs are executions that were seen, in proportion to all. Arrows are "
          "taken branches, as thick as they were frequent. * is the way that was taken most. "
          "Code that did not run is left out.</p>\n",
          stream);
    for (size_t i = 0; done && i < page->costs->count && number < page->functions && rows > 40;
         i++) {
        struct html_function function = {.page = page, .cost = &page->costs->items[order[i]]};
        struct error unused;
        if (!function.cost->function || function.cost->function->is_plt ||
            function.cost->self + function.cost->runs == 0)
            continue;
        function.number = ++number;
        function.rows = rows < ROWS_OF_FUNCTION ? rows : ROWS_OF_FUNCTION;
        /* What cannot be shown, of a machine without a decoder, is said and passed over. */
        if (prepare(&function, &unused)) {
            done = write_function(&function, stream, error);
            rows -= function.rows < rows ? function.rows : rows;
        } else {
            fputs("<p class=\"small\">Not shown: ", stream);
            html_page_name_write(page, function.cost, stream);
            fputs(": ", stream);
            html_text(stream, error_text(unused.code));
            fputs("</p>\n", stream);
        }
        source_places_free(function.places);
        disassembler_free(function.disassembler);
        annotation_free(&function.annotation);
    }
    if (done && number == 0)
        fputs("<p>None: no function ran that a symbol is known of.</p>\n", stream);
    fputs("</section>\n", stream);
    free(order);
    return done;
}
