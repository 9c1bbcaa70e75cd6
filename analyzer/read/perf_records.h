/*
 * What the records of perf.data say: mappings, new processes, samples.
 */
#ifndef ANALYZER_READ_PERF_RECORDS_H
#define ANALYZER_READ_PERF_RECORDS_H

#include "analyzer/read/perf_file.h"

/* Goes through file->records in the order of time and counts what they say. */
bool perf_apply_records(struct perf_file *file);

#endif
