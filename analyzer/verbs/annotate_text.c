/* An annotated function for people: counts, code, what its branches did, lines of its source. */
#include "analyzer/verbs/annotate_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/abbreviate.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "analyzer/verbs/describe.h"

#define NAME_SIZE 256
#define NAME_NARROWEST 20
#define LINE_SIZE 2048
#define TARGETS_SHOWN 3
/* Of the code, and what the note behind it should have where the line is short. */
#define CODE_COLUMNS 48
#define LEAST_CODE_COLUMNS 16
#define NOTE_COLUMNS 26
/* What stands before the code: share, executions, mark. */
#define COUNT_COLUMNS 25
/* Lines without counts that are shown between others, of sources alone. */
#define SOURCE_GAP 6
/* From here on a share of the function's samples is worth a colour. */
#define HOT_PERCENT 5.0

struct text_printer {
    const struct annotate_view *view;
    const struct annotated_function *function;
    FILE *stream;
    size_t width;
    bool colour;
    size_t code_columns;
};

/* --- what is said beside an instruction ------------------------------------------------------ */

/* Adds to a text of LINE_SIZE. */
static void append(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(char *text, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, LINE_SIZE - used, format, arguments);
    va_end(arguments);
}

/* An address of the function itself as "+0x1f", any other by its function. */
static void append_location(const struct text_printer *printer, struct location location,
                            char *text)
{
    const struct annotation *annotation = &printer->function->annotation;
    uint64_t offset = location.address - annotation->function->address;
    char name[NAME_SIZE];
    if (location.module == annotation->module && offset < annotation->function->extent)
        append(text, "%" PRIx64, location.address);
    else
        append(text, "%s",
               location_text(location, printer->view->profile, printer->view->binaries,
                             printer->view->demangled, name, sizeof(name)));
}

static const char *arrow(void)
{
    return terminal_takes_utf8() ? "→ " : "-> ";
}

static void append_targets(const struct text_printer *printer,
                           const struct annotated_instruction *item, char *text)
{
    const struct annotation *annotation = &printer->function->annotation;
    for (size_t t = 0; t < item->target_count && t < TARGETS_SHOWN; t++) {
        const struct annotated_target *target = &annotation->targets[item->first_target + t];
        append(text, "%s", t > 0 ? ", " : arrow());
        append_location(printer, target->location, text);
        if (item->target_count > 1)
            append(text, " %.0f%%", percent(target->count, item->taken));
    }
    if (item->target_count > TARGETS_SHOWN)
        append(text, ", and %zu more", item->target_count - TARGETS_SHOWN);
}

/* Where the branch went, and how often. */
static void write_note(const struct text_printer *printer, const struct annotated_instruction *item,
                       char text[LINE_SIZE])
{
    const struct annotation *annotation = &printer->function->annotation;
    uint64_t whole = count_add(item->taken, item->passed);
    char number[32];
    *text = '\0';
    if (item->code.kind == INSTRUCTION_CONDITIONAL) {
        if (whole > 0)
            append(text, "%s%.1f%% of %s", arrow(), percent(item->taken, whole),
                   text_count(whole, number));
    } else if (item->target_count > 0) {
        append_targets(printer, item, text);
    } else if (instruction_has_target(&item->code)) {
        append(text, "%s", arrow());
        append_location(printer, (struct location){annotation->module, item->code.target}, text);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

/* "  12.3%       4,033 *"; a mark: on the way that was taken most. */
static void print_counts(const struct text_printer *printer, uint64_t samples, uint64_t runs,
                         bool is_hot)
{
    const struct annotation *annotation = &printer->function->annotation;
    double share = percent(samples, annotation->samples);
    bool marked = printer->colour && share >= HOT_PERCENT;
    char number[32] = "";
    if (samples > 0)
        fprintf(printer->stream, "%s%7.2f%%%s", marked ? "\033[31m" : "", share,
                marked ? "\033[0m" : "");
    else
        fprintf(printer->stream, "%8s", "");
    if (runs > 0)
        text_count(runs, number);
    fprintf(printer->stream, " %13s %s%s%s ", number, printer->colour ? "\033[33m" : "",
            is_hot ? "*" : " ", printer->colour ? "\033[0m" : "");
}

/* What stands to the right of the counts, cut to what the line has yet. */
static void print_rest(const struct text_printer *printer, char *text, const char *colour)
{
    size_t used = strlen(text);
    while (used > 0 && text[used - 1] == ' ')
        text[--used] = '\0';
    text_cut(text, printer->width > COUNT_COLUMNS ? printer->width - COUNT_COLUMNS : 1);
    fprintf(printer->stream, "%s%s%s\n", printer->colour ? colour : "", text,
            printer->colour && *colour ? "\033[0m" : "");
}

static void print_remark(const struct text_printer *printer, char *text)
{
    fprintf(printer->stream, "%*s", COUNT_COLUMNS, "");
    print_rest(printer, text, "\033[36m");
}

static void print_source(const struct text_printer *printer, struct source_place place)
{
    char text[LINE_SIZE], line[1024], name[NAME_SIZE];
    const char *found = source_texts_line(printer->view->texts, place, line, sizeof(line));
    snprintf(text, sizeof(text), "%-16s  %s", source_place_text(place, name, sizeof(name)),
             found ? found : "");
    fprintf(printer->stream, "%*s", COUNT_COLUMNS, "");
    print_rest(printer, text, "\033[2m");
}

static void print_loop(const struct text_printer *printer, uint32_t block)
{
    const struct annotation *annotation = &printer->function->annotation;
    uint32_t number = annotation->loops.innermost[block];
    if (number == LOOP_NONE || annotation->loops.items[number].header != block)
        return;
    const struct annotated_loop *loop = &annotation->loop_counts[number];
    char text[LINE_SIZE], turns[32], entries[32];
    if (loop->turns == 0)
        return;
    if (loop->entries > 0)
        snprintf(text, sizeof(text), "loop: %.1f turns an entry (%s turns, %s entries)",
                 (double)loop->turns / (double)loop->entries, text_count(loop->turns, turns),
                 text_count(loop->entries, entries));
    else
        snprintf(text, sizeof(text), "loop: %s turns, and no entry was seen",
                 text_count(loop->turns, turns));
    print_remark(printer, text);
}

static void print_instruction(const struct text_printer *printer,
                              const struct annotated_instruction *item)
{
    char code[DISASSEMBLER_TEXT], visible[DISASSEMBLER_TEXT];
    char note[LINE_SIZE], text[2 * LINE_SIZE];
    annotate_instruction_text(printer->function, item, code);
    write_note(printer, item, note);
    text_printable(*code ? code : "(bytes that are no instruction)", visible, sizeof(visible));
    if (*note)
        text_cut(visible, printer->code_columns);
    print_counts(printer, item->samples, item->runs,
                 printer->function->annotation.blocks[item->block].is_hot && item->runs > 0);
    size_t used = text_columns(visible);
    snprintf(text, sizeof(text), "%6" PRIx64 ":  %s%*s  %s", item->code.address, visible,
             (int)(used < printer->code_columns ? printer->code_columns - used : 0), "", note);
    print_rest(printer, text, "");
}

/* As wide as the longest instruction, within bounds. */
static size_t code_columns(const struct text_printer *printer)
{
    const struct annotation *annotation = &printer->function->annotation;
    size_t most = CODE_COLUMNS;
    size_t longest = 0;
    if (printer->width < COUNT_COLUMNS + 9 + CODE_COLUMNS + NOTE_COLUMNS)
        most = printer->width > COUNT_COLUMNS + 9 + LEAST_CODE_COLUMNS + NOTE_COLUMNS
                   ? printer->width - COUNT_COLUMNS - 9 - NOTE_COLUMNS
                   : LEAST_CODE_COLUMNS;
    for (size_t i = 0; i < annotation->instruction_count && longest < most; i++) {
        char code[DISASSEMBLER_TEXT];
        annotate_instruction_text(printer->function, &annotation->instructions[i], code);
        size_t size = strlen(code);
        longest = size > longest ? size : longest;
    }
    return longest < most ? longest : most;
}

static bool same_place(struct source_place a, struct source_place b)
{
    return a.line == b.line && (a.file == b.file || (a.file && b.file && !strcmp(a.file, b.file)));
}

static struct source_place place_of(const struct annotated_function *function, size_t index)
{
    const struct annotation *annotation = &function->annotation;
    return source_places_at(
        function->places,
        (struct location){annotation->module, annotation->instructions[index].code.address});
}

static void print_code(const struct text_printer *printer)
{
    const struct annotation *annotation = &printer->function->annotation;
    struct source_place last = {.file = NULL};
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        const struct annotated_instruction *item = &annotation->instructions[i];
        struct source_place place = place_of(printer->function, i);
        if (i == 0 || annotation->instructions[i - 1].block != item->block)
            print_loop(printer, item->block);
        if (place.file && !same_place(place, last)) {
            print_source(printer, place);
            last = place;
        }
        print_instruction(printer, item);
    }
}

/* --- the source alone ------------------------------------------------------------------------ */

struct counted_line {
    struct source_place place;
    uint64_t samples, runs;
    bool is_hot;
};

static int compare_lines(const void *left, const void *right)
{
    const struct counted_line *a = left;
    const struct counted_line *b = right;
    int order = strcmp(a->place.file, b->place.file);
    return order ? order : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

/* Lines with code of the function, each once; executions are those of its hottest instruction. */
static struct counted_line *count_lines(const struct annotated_function *function, size_t *count)
{
    const struct annotation *annotation = &function->annotation;
    struct counted_line *lines = calloc(annotation->instruction_count + 1, sizeof(*lines));
    size_t all = 0;
    *count = 0;
    for (size_t i = 0; lines && i < annotation->instruction_count; i++) {
        const struct annotated_instruction *item = &annotation->instructions[i];
        struct source_place place = place_of(function, i);
        if (place.file)
            lines[all++] =
                (struct counted_line){place, item->samples, item->runs,
                                      annotation->blocks[item->block].is_hot && item->runs > 0};
    }
    if (all > 0)
        qsort(lines, all, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < all; i++) {
        struct counted_line *last = *count > 0 ? &lines[*count - 1] : NULL;
        if (!last || compare_lines(last, &lines[i]) != 0) {
            lines[(*count)++] = lines[i];
            continue;
        }
        last->samples = count_add(last->samples, lines[i].samples);
        last->runs = lines[i].runs > last->runs ? lines[i].runs : last->runs;
        last->is_hot = last->is_hot || lines[i].is_hot;
    }
    return lines;
}

static void print_line(const struct text_printer *printer, const struct counted_line *line)
{
    char text[LINE_SIZE], source[1024];
    const char *found =
        source_texts_line(printer->view->texts, line->place, source, sizeof(source));
    print_counts(printer, line->samples, line->runs, line->is_hot);
    snprintf(text, sizeof(text), "%5" PRIu32 "  %s", line->place.line, found ? found : "");
    print_rest(printer, text, "");
}

static bool print_sources(const struct text_printer *printer, struct error *error)
{
    size_t count;
    struct counted_line *lines = count_lines(printer->function, &count);
    if (!lines)
        return memory_exhausted(error);
    for (size_t i = 0; i < count; i++) {
        const struct counted_line *line = &lines[i];
        bool is_new = i == 0 || strcmp(lines[i - 1].place.file, line->place.file) != 0;
        char file[LINE_SIZE];
        if (is_new)
            print_remark(printer, text_printable(line->place.file, file, sizeof(file)));
        uint32_t before = is_new ? line->place.line : lines[i - 1].place.line + 1;
        if (line->place.line - before > SOURCE_GAP) {
            fprintf(printer->stream, "%*s%s\n", COUNT_COLUMNS, "",
                    terminal_takes_utf8() ? "…" : "...");
            before = line->place.line;
        }
        for (; before < line->place.line; before++) {
            struct counted_line empty = {.place = line->place};
            empty.place.line = before;
            print_line(printer, &empty);
        }
        print_line(printer, line);
    }
    if (count == 0)
        message_note("%s has no debug information: its code is shown without --source-only",
                     printer->function->annotation.function->name);
    free(lines);
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void print_head(const struct text_printer *printer)
{
    const struct annotation *annotation = &printer->function->annotation;
    struct location location = {annotation->module, annotation->function->address};
    char name[NAME_SIZE], module[NAME_SIZE], place[NAME_SIZE], rest[LINE_SIZE], text[LINE_SIZE];
    char number[32];
    source_place_text(source_places_at(printer->function->places, location), place, sizeof(place));
    location_text(location, printer->view->profile, printer->view->binaries,
                  printer->view->demangled, name, sizeof(name));
    snprintf(rest, sizeof(rest), " in %s%s%s: %.2f %% of all samples (%s)",
             module_text(annotation->module, printer->view->profile, module, sizeof(module)),
             *place ? ", " : "", place, percent(annotation->samples, printer->view->costs.samples),
             text_count(annotation->samples, number));
    size_t used = text_columns(rest);
    size_t left = printer->width > used + NAME_NARROWEST ? printer->width - used : NAME_NARROWEST;
    snprintf(text, sizeof(text), "%s%s", text_fit(name_abbreviate(name, left), left), rest);
    text_cut(text, printer->width);
    fprintf(printer->stream, "%s%s%s\n", printer->colour ? "\033[1m" : "", text,
            printer->colour ? "\033[0m" : "");
    fprintf(printer->stream, "%8s %13s\n", "samples",
            printer->function->is_inferred    ? "~runs"
            : printer->function->is_corrected ? "runs, corr."
                                              : "runs");
}

bool annotate_print(const struct annotate_view *view, const struct annotated_function *function,
                    FILE *stream, struct error *error)
{
    struct text_printer printer = {
        view, function, stream, terminal_width(stream), message_colour(stream), 0};
    char number[32];
    bool done = true;
    printer.code_columns = code_columns(&printer);
    print_head(&printer);
    if (view->source_only)
        done = print_sources(&printer, error);
    else
        print_code(&printer);
    if (function->annotation.mismatching_runs > 0)
        message_note("%s ranges in %s are not possible in its code, and are left out",
                     text_count(function->annotation.mismatching_runs, number),
                     function->annotation.function->name);
    fputc('\n', stream);
    return done;
}
