/*
 * BOLT's fdata, as perf2bolt, merge-fdata, instrumented programs and convert -f fdata
 * write it.
 *
 * The lines are those of bolt/lib/Profile/DataReader.cpp:
 *
 *   KIND NAME OFFSET KIND NAME OFFSET MISPREDICTIONS COUNT   a branch
 *   KIND NAME OFFSET COUNT                                   a sample, after no_lbr
 *   KIND NAME OFFSET KIND NAME OFFSET COUNT                  a read of data, kinds above 2
 *
 * Offsets are hexadecimal; blanks and backslashes in names follow a backslash.
 */
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/text_file.h"

#define BOLTED "boltedcollection"
#define WITHOUT_BRANCHES "no_lbr"
#define MEMORY_KINDS 3 /* what kinds of places with data are above others */

static bool fits(const struct file_head *head)
{
    const char *line = head->first;
    return (*line >= '0' && *line < '0' + 2 * MEMORY_KINDS && line[1] == ' ') ||
           strcmp(line, BOLTED) == 0 ||
           strncmp(line, WITHOUT_BRANCHES, strlen(WITHOUT_BRANCHES)) == 0;
}

/* The name at the beginning of the text, without its backslashes, ended where it ends. */
static char *take_name(char **text)
{
    char *from = *text + strspn(*text, " ");
    char *name = from;
    char *to = from;
    while (*from && *from != ' ') {
        if (*from == '\\' && from[1])
            from++;
        *to++ = *from++;
    }
    *text = *from ? from + 1 : from;
    *to = '\0';
    return to > name ? name : NULL;
}

static bool take_place(struct text_file *text, char **line, unsigned first_kind,
                       struct symbol_place *place)
{
    uint64_t kind;
    char *offset;
    if (!text_take_number(line, &kind) || **line != ' ' || kind < first_kind ||
        kind >= first_kind + MEMORY_KINDS)
        return text_garbled(text, "expected a number from %u to %u and a function at '%s'",
                            first_kind, first_kind + MEMORY_KINDS - 1, *line);
    place->kind = (enum symbol_kind)(kind - first_kind);
    place->name = take_name(line);
    if (!place->name)
        return text_garbled(text, "expected the name of a function");
    offset = text_take_word(line);
    if (!offset || !text_take_hex(&offset, &place->offset) || *offset)
        return text_garbled(text, "expected an offset in hexadecimal after '%s'", place->name);
    return true;
}

static bool take_count(struct text_file *text, char **line, uint64_t *count)
{
    char *word = text_take_word(line);
    return (word && text_take_number(&word, count) && *word == '\0') ||
           text_garbled(text, "expected a count below 2^64 at '%s'", word ? word : "");
}

static bool read_record(struct text_file *text, struct symbol_profile *into)
{
    char *line = text->line;
    bool is_memory = *line >= '0' + MEMORY_KINDS;
    unsigned first_kind = is_memory ? MEMORY_KINDS : 0;
    struct symbol_record record = {.event = is_memory          ? SYMBOL_EVENT_MEMORY
                                            : into->is_sampled ? SYMBOL_EVENT_SAMPLE
                                                               : SYMBOL_EVENT_BRANCH};
    if (!take_place(text, &line, first_kind, &record.from) ||
        (record.event != SYMBOL_EVENT_SAMPLE && !take_place(text, &line, first_kind, &record.to)) ||
        (record.event == SYMBOL_EVENT_BRANCH && !take_count(text, &line, &record.mispredictions)) ||
        !take_count(text, &line, &record.count))
        return false;
    if (!text_is_over(line))
        return text_garbled(text, "expected the end of the line at '%s'", line);
    return symbol_profile_add(into, &record, text->error);
}

/* What may come before the records: whether it is a header, in *is_header. */
static bool read_header(struct text_file *text, struct symbol_profile *into, bool *is_header)
{
    size_t size = strlen(WITHOUT_BRANCHES);
    const char *line = text->line;
    *is_header = true;
    if (strcmp(line, BOLTED) == 0) {
        into->is_bolted = true;
        return true;
    }
    *is_header = strncmp(line, WITHOUT_BRANCHES, size) == 0 && strchr(" ", line[size]);
    if (!*is_header)
        return true;
    into->is_sampled = true;
    line += size + strspn(line + size, " ");
    if (*line && !into->events) {
        into->events = memory_copy_text(line, text->error);
        return into->events != NULL;
    }
    return true;
}

static bool read_lines(struct text_file *text, struct symbol_profile *into)
{
    bool is_header = true; /* no record was seen yet */
    while (text_next_filled(text)) {
        if (is_header && !read_header(text, into, &is_header))
            return false;
        if (!is_header && !read_record(text, into))
            return false;
    }
    return !text->failed;
}

static bool read_fdata(const char *path, struct symbol_profile *into, struct error *error)
{
    struct text_file text;
    bool done = text_open(&text, path, error) && read_lines(&text, into);
    text_close(&text);
    return done;
}

const struct reader reader_fdata = {
    .name = "BOLT's fdata",
    .kind = PROFILE_BY_SYMBOL,
    .fits = fits,
    .read_symbols = read_fdata,
};
