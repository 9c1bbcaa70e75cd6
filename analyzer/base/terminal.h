/*
 * How wide a terminal is, and text that fits into a column of it.
 */
#ifndef ANALYZER_BASE_TERMINAL_H
#define ANALYZER_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* As wide as anything: what is not read at a terminal is not cut. */
#define TERMINAL_ANY_WIDTH 100000

/*
 * Columns of the terminal that the stream goes to; where it is none, what the environment's
 * COLUMNS says, else TERMINAL_ANY_WIDTH.
 */
size_t terminal_width(FILE *stream);

/*
 * Whether arrows and the like may be printed: at a terminal if its locale (LC_ALL, LC_CTYPE, LANG)
 * says UTF-8, and always into files and pipes.
 */
bool terminal_takes_utf8(void);

/* Characters of text that is fit for a terminal. */
size_t text_columns(const char *text);

/*
 * Cuts printable text in place to that many columns, with an ellipsis in its middle: names are told
 * apart by both ends.  Returns `text`.
 */
char *text_fit(char *text, size_t columns);

/* The same with the ellipsis at its end, for code. */
char *text_cut(char *text, size_t columns);

/*
 * Prints text of any bytes, made fit for a terminal, from column `indent` on, and what does not fit
 * into `width` on further lines under it.  Ends without a newline.
 */
void text_print_words(FILE *stream, const char *text, size_t indent, size_t width);

/*
 * Prints a name of any bytes from column `indent` on: where the terminal would end, without
 * arguments of templates, and then cut as text_fit does.
 */
void text_print_name(FILE *stream, const char *text, size_t indent);

/* Prints printable text in a column, with blanks after it; text that is wider stays whole. */
void text_print_column(FILE *stream, const char *text, size_t columns);

#endif
