/*
 * The formats that there are to read.  A new one is a file in this room, a line here and
 * one in formats.c.
 */
#ifndef ANALYZER_READ_FORMATS_H
#define ANALYZER_READ_FORMATS_H

#include "analyzer/read/format.h"

/* The format of a file by what it contains; NULL where none fits or it cannot be read. */
const struct reader *reader_of_file(const char *path);

extern const struct reader reader_raw;
extern const struct reader reader_perf_data;
extern const struct reader reader_perf_script;
extern const struct reader reader_preagg;
extern const struct reader reader_unsymbolized;
extern const struct reader reader_fdata;
extern const struct reader reader_llvm_text;
extern const struct reader reader_llvm_ext;

#endif
