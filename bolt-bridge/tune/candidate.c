#include "bolt-bridge/tune/candidate.h"

#include <stdio.h>
#include <string.h>

bool candidate_same(const struct candidate *left, const struct candidate *right)
{
    return left->profile == right->profile &&
           memcmp(left->picks, right->picks, sizeof(left->picks)) == 0;
}

size_t candidate_options(const struct candidate *candidate, const char *options[CANDIDATE_OPTIONS])
{
    size_t count = 0;

    for (size_t axis = 0; axis < tune_axis_count; axis++) {
        if (!candidate->picks[axis])
            continue;
        const char *const *words = tune_axes[axis].choices[candidate->picks[axis] - 1];
        for (size_t i = 0; words[i]; i++)
            options[count++] = words[i];
    }
    return count;
}

void candidate_text(const struct candidate *candidate, const char *const *profile_names, char *text,
                    size_t size)
{
    const char *options[CANDIDATE_OPTIONS];
    size_t count = candidate_options(candidate, options), used = 0;

    *text = '\0';
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", options[i]);
    if (candidate->profile && used < size)
        snprintf(text + used, size - used, "%sprofile %s", count ? ", " : "",
                 profile_names[candidate->profile]);
    else if (!count)
        snprintf(text, size, "the default");
}

void candidate_add(struct candidate *candidate, const struct candidate *from)
{
    for (size_t axis = 0; axis < TUNE_AXES; axis++)
        if (from->picks[axis])
            candidate->picks[axis] = from->picks[axis];
    if (from->profile)
        candidate->profile = from->profile;
}
