/*
 * The procedure linkage table: code without symbols of its own, named after the
 * function that each entry jumps to.
 */
#ifndef ANALYZER_MODEL_BINARY_BINARY_PLT_H
#define ANALYZER_MODEL_BINARY_BINARY_PLT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct binary;

/* Adds an entry for each procedure linkage table entry whose symbol is known. */
bool binary_read_plt(struct binary *binary, struct error *error);

#endif
