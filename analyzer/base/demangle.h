/*
 * Names as people wrote them, from the names that C++, Rust and D compilers make
 * of them.  For what people read; files have names as they are.
 */
#ifndef ANALYZER_BASE_DEMANGLE_H
#define ANALYZER_BASE_DEMANGLE_H

#include <stddef.h>

/*
 * The name without parameters (but for D), as perf shows it, made fit for a terminal (see
 * text_printable); the name itself where it is not a mangled one.  At most `size`
 * bytes with the NUL: longer ones lose arguments of templates first (see name_abbreviate).
 * Returns `text`.
 */
char *demangle_name(const char *name, char *text, size_t size);

#endif
