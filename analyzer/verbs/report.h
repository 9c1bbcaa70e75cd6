/*
 * The two shapes of a report.  `report` finds what is to be said; report_text.c
 * and report_json.c say it.
 */
#ifndef ANALYZER_VERBS_REPORT_H
#define ANALYZER_VERBS_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counts/hotspots.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"
#include "include/pgoshim/raw.h"

struct report {
    const struct profile *profile;
    struct binaries *binaries;
    struct hotspots hotspots;
    uint64_t counters[PGORAW_MAX_COUNTERS]; /* of all recordings together */
    uint32_t module; /* the only one that is reported on, or PROFILE_MODULE_NONE */
    size_t top;      /* lines of each list */
    bool demangled;  /* names as people wrote them; in text alone */
};

void report_print(const struct report *report, FILE *stream, bool colour);
bool report_print_json(const struct report *report, FILE *stream, struct error *error);

#endif
