/*
 * The reader of perf script's text: samples with branch stacks, as llvm-profgen
 * --perfscript takes them, with call stacks or without, and mappings where
 * --show-mmap-events asked for them.  Used by reader.c and tests.
 */
#ifndef ANALYZER_READ_PERF_SCRIPT_H
#define ANALYZER_READ_PERF_SCRIPT_H

#include "analyzer/read/reader.h"

/* Whether a line could be the first of such a file that is no blank one. */
bool perf_script_line_fits(const char *line);

/*
 * As profile_read, for perf script's text only: -F with any of comm, pid, tid,
 * time, event, ip, sym, dso and brstack.  Without mappings, addresses are of a
 * module without a name: profile_place gives it one.  ERROR_PROFILE_LINE.
 */
bool profile_read_perf_script(const char *path, struct profile *into, struct error *error);

/* The samples that the filter wants, which may be NULL. */
bool profile_read_perf_script_filtered(const char *path, const struct profile_filter *filter,
                                       struct profile *into, struct error *error);

#endif
