/*
 * Long options that a program does not have, with the one that was meant.  argp says only that it
 * does not know them.
 */
#ifndef COMMAND_LINE_UNKNOWN_OPTION_H
#define COMMAND_LINE_UNKNOWN_OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Whether there is a long option in `argv`, read as argp_parse reads it, that is neither in the
 * parser nor in its children.  Then `text` is "unknown option '--limt'; did you mean '--limit'?",
 * without the question where none is like it.  `flags`: ARGP_IN_ORDER as for argp_parse, for which
 * options end at the first word that is none.  What stands behind --help, --usage and --version is
 * not looked at.  `argv` stays as it is.
 */
bool unknown_option_find(const struct argp *parser, int argc, char *const *argv, unsigned flags,
                         char *text, size_t size);

#endif
