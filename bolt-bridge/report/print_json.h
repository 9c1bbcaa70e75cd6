/*
 * JSON on standard output, as all verbs print it.
 */
#ifndef BOLT_BRIDGE_REPORT_PRINT_JSON_H
#define BOLT_BRIDGE_REPORT_PRINT_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "analyzer/base/error.h"

/* Prints it, with `version` (JSON_VERSION) before its own fields, and frees it.  ERROR_WRITE;
 * ERROR_MEMORY where it is NULL. */
bool print_json(json_t *root, struct error *error);

#endif
