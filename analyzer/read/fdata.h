/*
 * The reader of BOLT's fdata, as perf2bolt, merge-fdata, instrumented programs
 * and convert -f fdata write it.  Used by the verbs, reader.c and tests.
 */
#ifndef ANALYZER_READ_FDATA_H
#define ANALYZER_READ_FDATA_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "analyzer/model/symbols/symbol_profile.h"

/* Whether a line could be the first of such a file. */
bool fdata_line_fits(const char *line);

/*
 * Adds the file's records, in its order.  ERROR_PROFILE_LINE names the line.  On
 * failure `into` holds part of the file.
 */
bool symbol_profile_read(const char *path, struct symbol_profile *into, struct error *error);

#endif
