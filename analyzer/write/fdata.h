/*
 * Profiles by symbol out, as fdata.
 */
#ifndef ANALYZER_WRITE_FDATA_H
#define ANALYZER_WRITE_FDATA_H

#include <stdio.h>

#include "analyzer/model/symbols/symbol_profile.h"

/* Writes the records in their order.  The caller checks the stream. */
void symbol_profile_write(const struct symbol_profile *profile, FILE *stream);

#endif
