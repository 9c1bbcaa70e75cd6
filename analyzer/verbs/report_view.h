/*
 * The shapes of a report.  `report` finds what is to be said; report_text.c and report_json.c
 * say it.
 */
#ifndef ANALYZER_VERBS_REPORT_VIEW_H
#define ANALYZER_VERBS_REPORT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/model/compare/quality.h"
#include "analyzer/model/counts/hotspots.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/view/function_costs.h"
#include "analyzer/model/view/source_places.h"
#include "include/pgoshim/raw.h"

struct report {
    const struct profile *profile;
    struct binaries *binaries;
    struct hotspots hotspots;
    struct function_costs costs;
    uint32_t *order; /* of costs.items */
    struct source_places *places;
    struct quality quality;
    bool has_quality;
    uint32_t judged;                        /* the module that `quality` is of */
    uint64_t counters[PGORAW_MAX_COUNTERS]; /* of all recordings together */
    uint64_t cpu_time_ns;                   /* that the samples stand for; 0: not known */
    uint32_t module; /* the only one that is reported on, or PROFILE_MODULE_NONE */
    bool has_focus;  /* callers and callees of one function in place of the lists */
    size_t focus;    /* in costs.items */
    size_t top;      /* lines of each list */
    bool demangled;  /* names as people wrote them; in text alone */
    bool is_verbose;
};

/* What is in the module that is reported on. */
static inline bool report_wants(const struct report *report, uint32_t module)
{
    return report->module == PROFILE_MODULE_NONE || report->module == module;
}

#endif
