/*
 * How findings are shown to people and to machines.
 */
#ifndef BOLT_BRIDGE_VERBS_SHOW_FINDINGS_H
#define BOLT_BRIDGE_VERBS_SHOW_FINDINGS_H

#include <jansson.h>
#include <stdbool.h>

#include "bolt-bridge/toolchain/findings.h"

/* A line each on standard output, with its verdict, and one for its remedy. */
void findings_print(const struct findings *findings);

/* From number `first` on, on standard error: faults and warnings; with -v all. */
void findings_say(const struct findings *findings, size_t first);

/* An array of objects (a new reference; NULL where memory is out). */
json_t *findings_json(const struct findings *findings);

/* Whether none of them is a fault. */
bool findings_are_good(const struct findings *findings);

#endif
