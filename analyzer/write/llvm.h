/*
 * LLVM's sample profiles out, as text and in the extensible binary form.
 */
#ifndef ANALYZER_WRITE_LLVM_H
#define ANALYZER_WRITE_LLVM_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/model/samples/sample_profile.h"

/* Write the functions in their order, see sample_profile_sort.  The caller checks the stream. */
void sample_profile_write_text(const struct sample_profile *samples, FILE *stream);
bool sample_profile_write_ext(const struct sample_profile *samples, FILE *stream,
                              struct error *error);

#endif
