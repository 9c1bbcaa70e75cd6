/*
 * The reader of LLVM's sample profiles in the extensible binary form.  Used by
 * reader.c and tests.
 */
#ifndef ANALYZER_READ_LLVM_EXT_H
#define ANALYZER_READ_LLVM_EXT_H

#include "analyzer/model/samples/sample_profile.h"

/* Whether the file begins so; another binary form of LLVM's does not. */
bool llvm_ext_fits(const void *bytes, size_t size);

/*
 * As sample_profile_read, for that form only.  Sections that mean nothing to us
 * are skipped.  ERROR_RAW_GARBLED and ERROR_RAW_TRUNCATED name the section and
 * the byte in it, ERROR_PROFILE_KIND another version of the form.
 */
bool sample_profile_read_ext(const char *path, struct sample_profile *into, struct error *error);

#endif
