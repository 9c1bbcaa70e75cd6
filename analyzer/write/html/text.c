#include "analyzer/write/html/text.h"

#include <string.h>

#include "analyzer/base/text.h"

static void put_character(FILE *stream, char character)
{
    switch (character) {
    case '&':
        fputs("&amp;", stream);
        break;
    case '<':
        fputs("&lt;", stream);
        break;
    case '>':
        fputs("&gt;", stream);
        break;
    case '"':
        fputs("&quot;", stream);
        break;
    case '\'':
        fputs("&#39;", stream);
        break;
    default:
        fputc(character, stream);
    }
}

void html_text(FILE *stream, const char *text)
{
    char visible[4096];
    for (const char *c = text_printable(text, visible, sizeof(visible)); *c; c++)
        put_character(stream, *c);
}
