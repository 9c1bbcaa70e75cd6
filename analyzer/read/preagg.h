/*
 * The reader of BOLT's pre-aggregated profiles (perf2bolt -pa).  Used by
 * reader.c and tests.
 */
#ifndef ANALYZER_READ_PREAGG_H
#define ANALYZER_READ_PREAGG_H

#include "analyzer/read/reader.h"

/* Whether a line could be one of such a file. */
bool preagg_line_fits(const char *line);

/*
 * As profile_read, for pre-aggregated profiles only.  Their addresses are of a
 * module without a name: profile_place gives it one.  ERROR_PROFILE_LINE.
 */
bool profile_read_preagg(const char *path, struct profile *into, struct error *error);

#endif
