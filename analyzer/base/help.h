/*
 * --help as all verbs print it: no line has more than HELP_COLUMNS columns, and lines that
 * begin with a blank, as examples do, are printed as they are.  argp alone breaks them too.
 */
#ifndef ANALYZER_BASE_HELP_H
#define ANALYZER_BASE_HELP_H

#include <argp.h>
#include <stdio.h>

#define HELP_COLUMNS 79

/*
 * argp_parse with --help, --usage and --version of our own.  The parser's help shows, in
 * this order: usage, its text before \v, its options, what its help_filter returns for
 * ARGP_KEY_HELP_EXTRA (a table, say), and its text behind \v.  ARGP_KEY_HELP_POST_DOC is not
 * asked for.  Returns an error number; errors in the command line end the program.
 */
error_t help_argp_parse(const struct argp *parser, int argc, char **argv, void *input);

/*
 * Prints paragraphs, which end before an empty line or an indented one, broken at blanks.
 * Indented lines stay whole.
 */
void help_print(FILE *stream, const char *text);

/* Prints "  NAME  DESCRIPTION", the description broken at blanks and set under itself. */
void help_print_row(FILE *stream, int name_width, const char *name, const char *description);

#endif
