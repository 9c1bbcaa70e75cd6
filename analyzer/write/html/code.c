/* A function's code: lines of source and instructions with their counts, and arrows of branches. */
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

#define NAME_SIZE 200
#define ROW 18
#define LANES 12
#define LANE_WIDTH 7
#define TARGETS_SHOWN 3

enum row_kind { ROW_INSTRUCTION, ROW_SOURCE, ROW_LOOP, ROW_LEFT_OUT };

struct code_row {
    enum row_kind kind;
    size_t index; /* of an instruction; of what is left out, how many */
    struct source_place place;
};

/* A taken branch between two rows. */
struct code_arrow {
    size_t from, to;
    uint64_t count;
    unsigned lane;
};

struct code_view {
    struct html_function const *function;
    struct code_row *rows;
    size_t row_count, row_capacity, row_limit;
    size_t *row_of; /* by instruction; SIZE_MAX: left out */
    struct code_arrow *arrows;
    size_t arrow_count, arrow_capacity;
    uint64_t most; /* executions of the hottest instruction */
    unsigned lanes;
    struct error *error;
};

/* --- which rows ------------------------------------------------------------------------------- */

static bool add_row(struct code_view *view, struct code_row row)
{
    if (!memory_reserve(&view->rows, &view->row_capacity, view->row_count + 1, sizeof(row),
                        view->error))
        return false;
    view->rows[view->row_count++] = row;
    return true;
}

static bool add_left_out(struct code_view *view, size_t *left_out)
{
    size_t count = *left_out;
    *left_out = 0;
    return count == 0 || add_row(view, (struct code_row){ROW_LEFT_OUT, count, {.file = NULL}});
}

static bool is_loop_header(const struct annotation *annotation, size_t index)
{
    uint32_t block = annotation->instructions[index].block;
    uint32_t loop = annotation->loops.innermost[block];
    return annotation->blocks[block].first == index && loop != LOOP_NONE &&
           annotation->loops.items[loop].header == block && annotation->loop_counts[loop].turns > 0;
}

static bool add_instruction(struct code_view *view, size_t index, struct source_place *last)
{
    const struct annotation *annotation = &view->function->annotation;
    struct source_place place = source_places_at(
        view->function->places,
        (struct location){annotation->module, annotation->instructions[index].code.address});
    bool is_same =
        place.file && last->file && place.line == last->line && strcmp(place.file, last->file) == 0;
    if (is_loop_header(annotation, index) &&
        !add_row(view, (struct code_row){ROW_LOOP, index, {.file = NULL}}))
        return false;
    if (place.file && !is_same && !add_row(view, (struct code_row){ROW_SOURCE, index, place}))
        return false;
    *last = place;
    view->row_of[index] = view->row_count;
    return add_row(view, (struct code_row){ROW_INSTRUCTION, index, {.file = NULL}});
}

static bool find_rows(struct code_view *view)
{
    const struct annotation *annotation = &view->function->annotation;
    struct source_place last = {.file = NULL};
    size_t left_out = 0;
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        const struct annotated_instruction *item = &annotation->instructions[i];
        bool ran = item->runs > 0 || item->samples > 0 || annotation->blocks[item->block].runs > 0;
        view->row_of[i] = SIZE_MAX;
        if (!ran || view->row_count >= view->row_limit) {
            left_out++;
            continue;
        }
        if (!add_left_out(view, &left_out) || !add_instruction(view, i, &last))
            return false;
        view->most = item->runs > view->most ? item->runs : view->most;
    }
    return add_left_out(view, &left_out);
}

/* --- arrows ----------------------------------------------------------------------------------- */

static bool find_arrows(struct code_view *view)
{
    const struct annotation *annotation = &view->function->annotation;
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        const struct annotated_instruction *item = &annotation->instructions[i];
        bool is_branch =
            item->code.kind == INSTRUCTION_CONDITIONAL || item->code.kind == INSTRUCTION_JUMP;
        for (size_t t = 0; is_branch && t < item->target_count; t++) {
            const struct annotated_target *target = &annotation->targets[item->first_target + t];
            ptrdiff_t to = target->location.module == annotation->module
                               ? annotation_at(annotation, target->location.address)
                               : -1;
            if (to < 0 || view->row_of[i] == SIZE_MAX || view->row_of[to] == SIZE_MAX)
                continue;
            if (!memory_reserve(&view->arrows, &view->arrow_capacity, view->arrow_count + 1,
                                sizeof(*view->arrows), view->error))
                return false;
            view->arrows[view->arrow_count++] =
                (struct code_arrow){view->row_of[i], view->row_of[to], target->count, 0};
        }
    }
    return true;
}

static size_t length_of(const struct code_arrow *arrow)
{
    return arrow->from > arrow->to ? arrow->from - arrow->to : arrow->to - arrow->from;
}

static int compare_arrows(const void *left, const void *right)
{
    const struct code_arrow *a = left;
    const struct code_arrow *b = right;
    int order = COMPARE(length_of(a), length_of(b));
    return order ? order : COMPARE(a->from, b->from);
}

/* Short ones next to the code; what finds no free lane takes the last. */
static bool find_lanes(struct code_view *view)
{
    uint16_t *used = calloc(view->row_count + 1, sizeof(*used)); /* a bit a lane */
    if (!used)
        return memory_exhausted(view->error);
    if (view->arrow_count > 0)
        qsort(view->arrows, view->arrow_count, sizeof(*view->arrows), compare_arrows);
    for (size_t i = 0; i < view->arrow_count; i++) {
        struct code_arrow *arrow = &view->arrows[i];
        size_t low = arrow->from < arrow->to ? arrow->from : arrow->to;
        size_t high = arrow->from < arrow->to ? arrow->to : arrow->from;
        uint16_t taken = 0;
        for (size_t row = low; row <= high; row++)
            taken |= used[row];
        while (arrow->lane + 1 < LANES && taken >> arrow->lane & 1)
            arrow->lane++;
        for (size_t row = low; row <= high; row++)
            used[row] |= (uint16_t)(1u << arrow->lane);
        view->lanes = arrow->lane >= view->lanes ? arrow->lane + 1 : view->lanes;
    }
    free(used);
    return true;
}

static void write_arrows(const struct code_view *view, FILE *stream)
{
    unsigned width = view->lanes * LANE_WIDTH + 14;
    fprintf(stream, "<svg class=\"arrows\" aria-hidden=\"true\" width=\"%u\" height=\"%zu\">\n",
            width, view->row_count * ROW);
    for (size_t i = view->arrow_count; i-- > 0;) {
        const struct code_arrow *arrow = &view->arrows[i];
        double thick = 1 + 3 * (view->most > 0 ? (double)arrow->count / (double)view->most : 0);
        unsigned x = width - 12 - arrow->lane * LANE_WIDTH;
        size_t from = arrow->from * ROW + 11;
        size_t to = arrow->to * ROW + 7;
        char number[32];
        fprintf(stream,
                "<g class=\"b h%u%s\"><title>%s times</title><path stroke-width=\"%.1f\" d=\"M%u "
                "%zuH%uV%zuH%u\"/><path class=\"tip\" d=\"M%u %zul-6 -3v6z\"/></g>\n",
                html_heat(arrow->count, view->most), arrow->to <= arrow->from ? " back" : "",
                text_count(arrow->count, number), thick, width - 4, from, x, to, width - 6, width,
                to);
    }
    fputs("</svg>\n", stream);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void write_location(const struct code_view *view, struct location location, FILE *stream)
{
    const struct html_page *page = view->function->page;
    const struct annotation *annotation = &view->function->annotation;
    const struct binary *binary = binaries_get(page->binaries, location.module);
    struct function_cost cost = {.module = location.module};
    uint64_t offset = location.address - annotation->function->address;
    char name[NAME_SIZE];
    if (location.module == annotation->module && offset < annotation->function->extent) {
        fprintf(stream, "%" PRIx64, location.address);
        return;
    }
    cost.function = binary ? binary_function_at(binary, location.address) : NULL;
    html_text(stream, html_page_name(page, &cost, name, sizeof(name)));
    if (cost.function && location.address > cost.function->address)
        fprintf(stream, "+%#" PRIx64, location.address - cost.function->address);
}

static void write_note(const struct code_view *view, const struct annotated_instruction *item,
                       FILE *stream)
{
    const struct annotation *annotation = &view->function->annotation;
    uint64_t whole = count_add(item->taken, item->passed);
    char number[32];
    if (item->code.kind == INSTRUCTION_CONDITIONAL) {
        if (whole > 0)
            fprintf(stream, "→ %.1f %% of %s", 100 * (double)item->taken / (double)whole,
                    text_count(whole, number));
        return;
    }
    for (size_t t = 0; t < item->target_count && t < TARGETS_SHOWN; t++) {
        const struct annotated_target *target = &annotation->targets[item->first_target + t];
        fputs(t > 0 ? ", " : "→ ", stream);
        write_location(view, target->location, stream);
        if (item->target_count > 1)
            fprintf(stream, " %.0f %%", 100 * (double)target->count / (double)item->taken);
    }
    if (item->target_count > TARGETS_SHOWN)
        fprintf(stream, ", and %zu more", item->target_count - TARGETS_SHOWN);
}

static void write_instruction(const struct code_view *view, size_t index, FILE *stream)
{
    const struct annotation *annotation = &view->function->annotation;
    const struct annotated_instruction *item = &annotation->instructions[index];
    char code[DISASSEMBLER_TEXT] = "", runs[32] = "";
    if (item->is_code &&
        disassembler_text(view->function->disassembler, item->code.address, code) > item->code.size)
        text_end_before(code, " ");
    if (item->runs > 0)
        text_count(item->runs, runs);
    fprintf(stream, "<div class=\"r h%u\"><span class=\"s\">", html_heat(item->runs, view->most));
    if (item->samples > 0 && annotation->samples > 0)
        fprintf(stream, "%.1f %%", 100 * (double)item->samples / (double)annotation->samples);
    fprintf(stream,
            "</span><span class=\"n\">%s %c</span><span class=\"a\">%" PRIx64 "</span><code>", runs,
            annotation->blocks[item->block].is_hot && item->runs > 0 ? '*' : ' ',
            item->code.address);
    html_text(stream, code);
    fputs("</code><span class=\"t\">", stream);
    write_note(view, item, stream);
    fputs("</span></div>\n", stream);
}

static void write_source(const struct code_view *view, struct source_place place, FILE *stream)
{
    char line[1024], text[NAME_SIZE];
    const char *found = source_texts_line(view->function->page->texts, place, line, sizeof(line));
    fputs("<div class=\"r src\"><span class=\"p\">", stream);
    html_text(stream, source_place_text(place, text, sizeof(text)));
    fputs("</span><code>", stream);
    html_text(stream, found ? found : "");
    fputs("</code></div>\n", stream);
}

static void write_loop(const struct code_view *view, size_t index, FILE *stream)
{
    const struct annotation *annotation = &view->function->annotation;
    uint32_t loop = annotation->loops.innermost[annotation->instructions[index].block];
    const struct annotated_loop *counts = &annotation->loop_counts[loop];
    char turns[32], entries[32];
    if (counts->entries > 0)
        fprintf(stream,
                "<div class=\"r loop\">loop: %.1f turns an entry (%s turns, %s entries)</div>\n",
                (double)counts->turns / (double)counts->entries, text_count(counts->turns, turns),
                text_count(counts->entries, entries));
    else
        fprintf(stream, "<div class=\"r loop\">loop: %s turns, and no entry was seen</div>\n",
                text_count(counts->turns, turns));
}

static void write_rows(const struct code_view *view, FILE *stream)
{
    fputs("<div class=\"rows\">\n", stream);
    for (size_t i = 0; i < view->row_count; i++) {
        const struct code_row *row = &view->rows[i];
        switch (row->kind) {
        case ROW_INSTRUCTION:
            write_instruction(view, row->index, stream);
            break;
        case ROW_SOURCE:
            write_source(view, row->place, stream);
            break;
        case ROW_LOOP:
            write_loop(view, row->index, stream);
            break;
        case ROW_LEFT_OUT:
            fprintf(stream, "<div class=\"r loop\">… %zu instructions</div>\n", row->index);
            break;
        }
    }
    fputs("</div>\n", stream);
}

bool html_code_write(const struct html_function *function, FILE *stream, struct error *error)
{
    struct code_view view = {.function = function, .row_limit = function->rows, .error = error};
    view.row_of = calloc(function->annotation.instruction_count + 1, sizeof(*view.row_of));
    bool done = view.row_of != NULL;
    if (!done)
        memory_exhausted(error);
    done = done && find_rows(&view) && find_arrows(&view) && find_lanes(&view);
    if (done) {
        fputs("<div class=\"asm\" tabindex=\"0\" role=\"region\" aria-label=\"code\">\n", stream);
        write_arrows(&view, stream);
        write_rows(&view, stream);
        fputs("</div>\n", stream);
    }
    free(view.rows);
    free(view.row_of);
    free(view.arrows);
    return done;
}
