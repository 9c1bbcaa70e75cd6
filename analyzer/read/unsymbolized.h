/*
 * The reader of counts by address as text: llvm-profgen's unsymbolized profiles
 * (--skip-symbolization writes them, --unsymbolized-profile reads them) and
 * those that create_llvm_prof takes with --profiler=text, which have a list of
 * sampled addresses more.  Used by reader.c and tests.
 */
#ifndef ANALYZER_READ_UNSYMBOLIZED_H
#define ANALYZER_READ_UNSYMBOLIZED_H

#include "analyzer/read/reader.h"

/*
 * As profile_read, for such files only.  Their addresses are of a module
 * without a name: profile_place gives it one.  ERROR_PROFILE_LINE.
 */
bool profile_read_unsymbolized(const char *path, struct profile *into, struct error *error);

#endif
