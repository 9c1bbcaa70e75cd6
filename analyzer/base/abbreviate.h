/*
 * Names of templates and generics made short: what tells a function from its neighbours is mostly
 * at the end, behind hundreds of letters of arguments.
 */
#ifndef ANALYZER_BASE_ABBREVIATE_H
#define ANALYZER_BASE_ABBREVIATE_H

#include <stddef.h>

/*
 * Puts "<...>" for arguments of templates and generics, the innermost first, until the name has no
 * more than `size` bytes or no arguments are left.  A name whose brackets do not match stays as it
 * is.  Returns `name`.
 */
char *name_abbreviate(char *name, size_t size);

/* What is still too long loses its middle: both ends stay, around "...".  Returns `name`. */
char *name_cut_middle(char *name, size_t size);

#endif
