/*
 * Text in HTML and SVG.  Names and paths come from files that are not trusted: whatever is in
 * them, they stay text.
 */
#ifndef ANALYZER_WRITE_HTML_TEXT_H
#define ANALYZER_WRITE_HTML_TEXT_H

#include <stdio.h>

/*
 * Writes text as it may stand between tags and in quoted attributes: the five characters of markup
 * as references, what is not printable UTF-8 as '?'.
 */
void html_text(FILE *stream, const char *text);

#endif
