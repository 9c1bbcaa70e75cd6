/*
 * The reader of raw profiles (include/pgoshim/raw.h).  Used by reader.c and tests.
 */
#ifndef ANALYZER_READ_RAW_H
#define ANALYZER_READ_RAW_H

#include "analyzer/read/reader.h"

/*
 * As profile_read, for raw profiles only.  ERROR_OPEN and ERROR_READ from the
 * system, ERROR_NOT_RAW_PROFILE for another kind of file, ERROR_RAW_VERSION,
 * ERROR_RAW_TRUNCATED where bytes are missing at the end, ERROR_RAW_GARBLED
 * where bytes contradict each other.
 */
bool profile_read_raw(const char *path, struct profile *into, struct error *error);

#endif
