/*
 * The reader of perf.data, as `perf record` writes it to a file or to a pipe.
 * Used by reader.c and tests.  perf_sample.h takes single records apart,
 * perf_sink.h takes the samples.
 */
#ifndef ANALYZER_READ_PERF_DATA_H
#define ANALYZER_READ_PERF_DATA_H

#include "analyzer/read/reader.h"

/* What every perf.data of a little-endian machine begins with. */
#define PERF_DATA_MAGIC "PERFILE2"

/*
 * As profile_read, for perf.data only.  ERROR_OPEN and ERROR_READ from the
 * system, ERROR_NOT_RAW_PROFILE for another kind of file, ERROR_MACHINE for
 * recordings of other machines, ERROR_RAW_TRUNCATED
 * where bytes are missing at the end, ERROR_RAW_GARBLED where bytes contradict
 * each other.
 */
bool profile_read_perf_data(const char *path, struct profile *into, struct error *error);

/* The samples that the filter wants, which may be NULL. */
bool profile_read_perf_data_filtered(const char *path, const struct profile_filter *filter,
                                     struct profile *into, struct error *error);

#endif
