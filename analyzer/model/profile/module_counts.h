/*
 * How much a profile has of one module.
 */
#ifndef ANALYZER_MODEL_PROFILE_MODULE_COUNTS_H
#define ANALYZER_MODEL_PROFILE_MODULE_COUNTS_H

#include <stdint.h>

#include "analyzer/model/profile/profile.h"

struct module_counts {
    uint64_t samples;  /* of its code */
    uint64_t branches; /* taken branches out of its code */
};

struct module_counts profile_module_counts(const struct profile *profile, uint32_t module);

#endif
