/*
 * What all pages have: style, script, a heading with links to the sections, tables, verdicts,
 * steps of heat.
 */
#ifndef ANALYZER_WRITE_HTML_FRAME_H
#define ANALYZER_WRITE_HTML_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/verdict.h"

/* A section of the page: the id of its heading, and what the link to it says. */
struct html_link {
    const char *id, *text;
};

/*
 * Begins a page about `subject`, a name that is not trusted; `kind` is what the page says of it:
 * "profile".  `sections` ends with a row of NULLs.
 */
void html_frame_begin(FILE *stream, const char *subject, const char *kind,
                      const struct html_link *sections);

/* Ends the page.  `moves`: it has pictures that the script moves. */
void html_frame_end(FILE *stream, const char *program, bool moves);

/* Begins a table up to its first row.  `columns` are their headings, up to NULL. */
void html_table_begin(FILE *stream, const char *style, const char *const *columns);
void html_table_end(FILE *stream);

/* `text` in the colour of the verdict. */
void html_verdict(FILE *stream, enum verdict verdict, const char *text);

/* Begins a row of a table of checks, up to the cell of what was found. */
void html_check_begin(FILE *stream, const char *name, enum verdict verdict);

/* How hot `count` is beside the `most`, in six steps from 0, not at all: the style's h0 to h5. */
unsigned html_heat(uint64_t count, uint64_t most);

#endif
