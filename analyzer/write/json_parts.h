/*
 * Pieces of JSON that the json format, `report --json` and `show --json` have
 * in common.  Each returns a new reference, NULL where memory is short (which
 * jansson's _new functions take and hand on).
 */
#ifndef ANALYZER_WRITE_JSON_PARTS_H
#define ANALYZER_WRITE_JSON_PARTS_H

#include <jansson.h>
#include <stdint.h>

#include "analyzer/model/profile/profile.h"

/*
 * The version of what verbs print with --json: it grows when a field changes its meaning or goes,
 * not when one is added.
 */
#define JSON_VERSION 1
/* A new object that begins with it. */
json_t *json_versioned(void);

/* JSON numbers end at INT64_MAX; larger ones are written as that. */
json_t *json_number(uint64_t value);

/* Text of any bytes: where they are not all UTF-8, '?' stands for those that are not. */
json_t *json_text(const char *text);

/* Counters by identifier (PGORAW_COUNTERS), without those that are 0. */
json_t *json_counters(const uint64_t *counters);

json_t *json_recording(const struct recording *recording);
json_t *json_module(const struct module *module);

#endif
