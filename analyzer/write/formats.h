/*
 * The formats that there are to write.  A new one is a file in this room, a line here
 * and one in formats.c.
 */
#ifndef ANALYZER_WRITE_FORMATS_H
#define ANALYZER_WRITE_FORMATS_H

#include <stddef.h>

#include "analyzer/write/format.h"

/* The writer of a format, or NULL. */
const struct writer *writer_find(const char *name);

/* All of them, in the order of --help; NULL past the last. */
const struct writer *writer_at(size_t index);

extern const struct writer writer_fdata;
extern const struct writer writer_preagg;
extern const struct writer writer_unsymbolized;
extern const struct writer writer_llvm_text;
extern const struct writer writer_llvm_ext;
extern const struct writer writer_llvm_ext_md5;
extern const struct writer writer_profdata;
extern const struct writer writer_profdata_text;
extern const struct writer writer_gcov;
extern const struct writer writer_gcov_1;
extern const struct writer writer_gcov_3;
extern const struct writer writer_order;
extern const struct writer writer_order_gold;
extern const struct writer writer_propeller;
extern const struct writer writer_folded;
extern const struct writer writer_pprof;
extern const struct writer writer_json;
extern const struct writer writer_raw;

#endif
