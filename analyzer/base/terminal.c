#include "analyzer/base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analyzer/base/abbreviate.h"
#include "analyzer/base/number.h"
#include "analyzer/base/text.h"

#define NARROWEST 20

size_t terminal_width(FILE *stream)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    uint64_t number;
    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 &&
        size.ws_col >= NARROWEST)
        return size.ws_col;
    if (columns && number_parse(columns, NARROWEST, TERMINAL_ANY_WIDTH, &number))
        return (size_t)number;
    return TERMINAL_ANY_WIDTH;
}

bool terminal_takes_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    if (!isatty(STDOUT_FILENO))
        return true;
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
        const char *locale = getenv(variables[i]);
        if (locale && *locale)
            return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
    }
    return false;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

static const char *terminal_ellipsis(void)
{
    return terminal_takes_utf8() ? "…" : ".";
}

/* The byte after that many characters. */
static char *after(char *text, size_t characters)
{
    for (; *text && characters > 0; characters--) {
        do
            text++;
        while (((unsigned char)*text & 0xc0) == 0x80);
    }
    return text;
}

char *text_fit(char *text, size_t columns)
{
    const char *ellipsis = terminal_ellipsis();
    size_t whole = text_columns(text);
    if (whole <= columns)
        return text;
    if (columns < 8) { /* nothing would be left of a middle */
        *after(text, columns) = '\0';
        return text;
    }
    size_t tail = (columns - 1) / 2;
    size_t head = columns - 1 - tail;
    char *cut = after(text, head);
    char *rest = after(text, whole - tail);
    /* The ellipsis has up to three bytes: as many as characters that it stands for, or more. */
    if (rest - cut < (ptrdiff_t)strlen(ellipsis)) {
        *cut = '.';
        memmove(cut + 1, rest, strlen(rest) + 1);
        return text;
    }
    memcpy(cut, ellipsis, strlen(ellipsis));
    memmove(cut + strlen(ellipsis), rest, strlen(rest) + 1);
    return text;
}

char *text_cut(char *text, size_t columns)
{
    const char *ellipsis = terminal_ellipsis();
    char *end = after(text, columns);
    if (!*end)
        return text;
    char *last = after(text, columns > 0 ? columns - 1 : 0);
    if (columns > 0 && strlen(last) >= strlen(ellipsis)) {
        memcpy(last, ellipsis, strlen(ellipsis));
        last += strlen(ellipsis);
    }
    *last = '\0';
    return text;
}

void text_print_words(FILE *stream, const char *text, size_t indent, size_t width)
{
    size_t column = indent, blanks = 0;
    if (width >= TERMINAL_ANY_WIDTH) {
        text_print(stream, text);
        return;
    }
    while (*text) {
        size_t size = strcspn(text, " ");
        char bytes[4096], word[4096];
        snprintf(bytes, sizeof(bytes), "%.*s", (int)size, text);
        text_printable(bytes, word, sizeof(word));
        size_t columns = text_columns(word);
        if (column > indent && column + blanks + columns > width) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
            blanks = 0;
        }
        if (column == indent && width > indent && columns + indent > width)
            columns = text_columns(text_fit(word, width - indent));
        fprintf(stream, "%*s%s", (int)blanks, "", word);
        column += blanks + columns;
        text += size;
        blanks = strspn(text, " ");
        text += blanks;
    }
}

void text_print_name(FILE *stream, const char *text, size_t indent)
{
    char printable[4096];
    size_t width = terminal_width(stream);
    if (width >= TERMINAL_ANY_WIDTH) {
        text_print(stream, text);
        return;
    }
    text_printable(text, printable, sizeof(printable));
    width = width > indent + NARROWEST ? width - indent : NARROWEST;
    fputs(text_fit(name_abbreviate(printable, width), width), stream);
}

void text_print_column(FILE *stream, const char *text, size_t columns)
{
    size_t used = text_columns(text);
    fprintf(stream, "%s%*s", text, (int)(used < columns ? columns - used : 0), "");
}
