/*
 * The reader of LLVM's sample profiles as text.  Used by sample_reader.c and tests.
 */
#ifndef ANALYZER_READ_LLVM_TEXT_H
#define ANALYZER_READ_LLVM_TEXT_H

#include "analyzer/model/samples/sample_profile.h"

/* Whether a line could be the first of such a file: NAME:TOTAL:HEAD. */
bool llvm_text_line_fits(const char *line);

/* As sample_profile_read, for text only.  ERROR_PROFILE_LINE names the line. */
bool sample_profile_read_text(const char *path, struct sample_profile *into, struct error *error);

#endif
