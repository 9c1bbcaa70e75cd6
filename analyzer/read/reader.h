/*
 * Profile files in, in any format of formats.h: it is found by what the file contains.
 */
#ifndef ANALYZER_READ_READER_H
#define ANALYZER_READ_READER_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "analyzer/read/format.h"

/* By what the file contains; one that cannot be read or is not known is by address. */
enum profile_kind profile_kind_of(const char *path);

/*
 * Adds what is in the file to `into` (unordered: call profile_normalise after
 * the last one).  Files are not trusted: errors name the file and the byte.
 * A file that is still being recorded into is read as of now.  On failure
 * `into` holds part of the file and is only fit to be freed.
 * ERROR_PROFILE_KIND for files that are not by address.  Text names no binary:
 * see analyzer/model/match/placement.h.
 */
bool profile_read(const char *path, struct profile *into, struct error *error);

/*
 * The same, for some of the samples.  ERROR_PROFILE_KIND for files that do not
 * tell whose each sample is: all but perf.data, perf script's text and, where one
 * process made it, a raw profile.
 */
bool profile_read_filtered(const char *path, const struct profile_filter *filter,
                           struct profile *into, struct error *error);

/*
 * Adds the fdata's records, in its order.  ERROR_PROFILE_LINE names the line.  On failure
 * `into` holds part of the file.
 */
bool symbol_profile_read(const char *path, struct symbol_profile *into, struct error *error);

/*
 * Fills the empty `into` with the LLVM sample profile in the file, text or
 * extensible binary; its functions are sorted by name.  ERROR_PROFILE_KIND for
 * other files.  The caller frees it also after a failure.
 */
bool sample_profile_read(const char *path, struct sample_profile *into, struct error *error);

#endif
