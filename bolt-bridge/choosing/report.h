/*
 * What a choice found, for people and for machines.
 */
#ifndef BOLT_BRIDGE_CHOOSING_REPORT_H
#define BOLT_BRIDGE_CHOOSING_REPORT_H

#include <jansson.h>

#include "bolt-bridge/choosing/choice.h"

/* A table of the builds on standard output, and which was taken. */
void choice_report_print(const struct choice *choice);

/* The builds, each with its counts and what they are to the plain one's: a new reference. */
json_t *choice_report_json(const struct choice *choice);

#endif
