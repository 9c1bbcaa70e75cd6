#include "analyzer/model/profile/repeats.h"

#include <string.h>

/* What files of several recordings say of their process, since it is not one. */
#define NO_PROCESS 0

static bool is_same(const struct recording *a, const struct recording *b)
{
    if (a->fingerprint != 0 && a->fingerprint == b->fingerprint)
        return true;
    return a->start_time_ns != 0 && a->start_time_ns == b->start_time_ns &&
           a->process_id != NO_PROCESS && a->process_id == b->process_id &&
           strcmp(a->host, b->host) == 0;
}

const struct recording *profile_find_repeat(const struct profile *profile,
                                            const struct recording **first)
{
    for (size_t i = 1; i < profile->recording_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (is_same(&profile->recordings[k], &profile->recordings[i])) {
                *first = &profile->recordings[k];
                return &profile->recordings[i];
            }
        }
    }
    return NULL;
}
