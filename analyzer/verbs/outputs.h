/*
 * Producers for output_write_file, of profiles that are not by address.
 */
#ifndef ANALYZER_VERBS_OUTPUTS_H
#define ANALYZER_VERBS_OUTPUTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"

bool produce_fdata(FILE *stream, void *symbols, struct error *error);     /* a symbol_profile */
bool produce_llvm_text(FILE *stream, void *samples, struct error *error); /* a sample_profile */
bool produce_llvm_ext(FILE *stream, void *samples, struct error *error);  /* likewise */

#endif
