#include "analyzer/model/profile/correction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "include/pgoshim/raw.h"

/* Larger counts have no correction: it would not fit. */
#define LARGEST_COUNT ((uint64_t)INT64_MAX / PGORAW_WEIGHT_ONE)

bool correction_parse(const char *text, enum correction_wanted *wanted)
{
    static const char *const names[] = {"auto", "raw", "corrected"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(text, names[i]) != 0)
            continue;
        *wanted = (enum correction_wanted)i;
        return true;
    }
    return false;
}

int64_t correction_from_weights(uint64_t count, uint64_t weighted)
{
    if (count > LARGEST_COUNT || weighted > INT64_MAX)
        return 0;
    return (int64_t)weighted - (int64_t)(count * PGORAW_WEIGHT_ONE);
}

uint64_t correction_to_weights(uint64_t count, int64_t correction)
{
    int64_t weighted;
    if (count > LARGEST_COUNT ||
        __builtin_add_overflow((int64_t)(count * PGORAW_WEIGHT_ONE), correction, &weighted))
        return UINT64_MAX;
    return weighted > 0 ? (uint64_t)weighted : 0;
}

static uint64_t counter_sum(const struct profile *profile, enum pgoraw_counter counter)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < profile->recording_count; i++)
        sum = count_add(sum, profile->recordings[i].counters[counter]);
    return sum;
}

bool correction_is_known(const struct profile *profile)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (profile->traces[i].correction != 0)
            return true;
    }
    return false;
}

bool correction_is_sound(const struct profile *profile)
{
    uint64_t weighed = counter_sum(profile, PGORAW_COUNT_WINDOWS_WEIGHED);
    uint64_t windows = counter_sum(profile, PGORAW_COUNT_WINDOWS);
    return weighed > 0 && weighed >= windows / 2 + windows % 2;
}

const char *correction_text(const struct profile *profile, char text[CORRECTION_TEXT])
{
    snprintf(text, CORRECTION_TEXT,
             "%" PRIu64 " of %" PRIu64 " windows weighed by %u or more before them",
             counter_sum(profile, PGORAW_COUNT_WINDOWS_WEIGHED),
             counter_sum(profile, PGORAW_COUNT_WINDOWS), PGORAW_WEIGHED_AFTER);
    return text;
}

static void apply(uint64_t *count, int64_t *correction)
{
    uint64_t weighted = correction_to_weights(*count, *correction);
    *correction = 0;
    if (*count == 0 || weighted == UINT64_MAX)
        return;
    *count = weighted / PGORAW_WEIGHT_ONE + (weighted % PGORAW_WEIGHT_ONE >= PGORAW_WEIGHT_ONE / 2);
    if (*count == 0)
        *count = 1;
}

void correction_apply(struct profile *profile)
{
    for (size_t i = 0; i < profile->trace_count; i++)
        apply(&profile->traces[i].count, &profile->traces[i].correction);
    for (size_t i = 0; i < profile->traces_by_caller.count; i++)
        apply(&profile->traces_by_caller.items[i].count,
              &profile->traces_by_caller.items[i].correction);
}
