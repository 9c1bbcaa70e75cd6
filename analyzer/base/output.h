/*
 * Output files that are whole or not there, made by functions that only see a stream.
 */
#ifndef ANALYZER_BASE_OUTPUT_H
#define ANALYZER_BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"

/* Writes the content.  Need not look at ferror(): a failed stream is noticed afterwards. */
typedef bool output_producer(FILE *stream, void *context, struct error *error);

/*
 * Makes the file `path` from what `produce` writes; "-" is standard output, where ERROR_USAGE
 * refuses what is not text if it is a terminal.
 * Where the file exists, ERROR_OUTPUT_EXISTS without `force`, and replaced in
 * one step with it.  Devices and pipes are written to directly.  On failure
 * (the producer's, or ERROR_WRITE for a full disk or a directory that may not
 * be written to) nothing is left behind and what was there is unchanged.
 */
bool output_write_file(const char *path, bool force, output_producer *produce, void *context,
                       struct error *error);

#endif
