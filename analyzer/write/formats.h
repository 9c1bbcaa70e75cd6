/*
 * The formats that there are: one line here and in writer.c, one file each.
 * For the files of this room and its tests.
 */
#ifndef ANALYZER_WRITE_FORMATS_H
#define ANALYZER_WRITE_FORMATS_H

#include "analyzer/write/writer.h"

extern const struct writer writer_fdata;
extern const struct writer writer_preagg;
extern const struct writer writer_folded;
extern const struct writer writer_pprof;
extern const struct writer writer_json;
extern const struct writer writer_raw;
extern const struct writer writer_unsymbolized;
extern const struct writer writer_llvm_text;
extern const struct writer writer_llvm_ext;
extern const struct writer writer_llvm_ext_md5;
extern const struct writer writer_gcov;
extern const struct writer writer_gcov_1;
extern const struct writer writer_order;
extern const struct writer writer_order_gold;
extern const struct writer writer_propeller;

#endif
