#include "analyzer/model/profile/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

struct origin {
    uint64_t number;
    size_t recording;
};

uint64_t recording_number(uint64_t start_time_ns, int32_t process, const char *host, size_t size)
{
    uint64_t hash = hash_bytes(host, strnlen(host, size));
    return hash_mix(hash_mix(hash, start_time_ns), (uint32_t)process) | 1;
}

static int compare_origins(const void *left, const void *right)
{
    const struct origin *a = left;
    const struct origin *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->recording > b->recording) - (a->recording < b->recording);
}

/* All of them, by number. */
static struct origin *collect(const struct profile *profile, size_t *count)
{
    size_t all = 0;
    for (size_t i = 0; i < profile->recording_count; i++)
        all += profile->recordings[i].origin_count;
    struct origin *origins = calloc(all + 1, sizeof(*origins));
    *count = 0;
    for (size_t i = 0; origins && i < profile->recording_count; i++) {
        const struct recording *recording = &profile->recordings[i];
        for (size_t k = 0; k < recording->origin_count; k++)
            origins[(*count)++] = (struct origin){recording->origins[k], i};
    }
    if (*count > 0)
        qsort(origins, *count, sizeof(*origins), compare_origins);
    return origins;
}

uint64_t *profile_origins(const struct profile *profile, size_t *count, struct error *error)
{
    size_t all;
    struct origin *origins = collect(profile, &all);
    uint64_t *numbers = calloc(all + 1, sizeof(*numbers));
    *count = 0;
    for (size_t i = 0; origins && numbers && i < all; i++) {
        if (i == 0 || origins[i].number != origins[i - 1].number)
            numbers[(*count)++] = origins[i].number;
    }
    if (!origins || !numbers) {
        memory_exhausted(error);
        free(numbers);
        numbers = NULL;
    }
    free(origins);
    return numbers;
}

const struct recording *profile_find_repeat(const struct profile *profile,
                                            const struct recording **first)
{
    const struct recording *repeat = NULL;
    size_t count;
    struct origin *origins = collect(profile, &count);
    for (size_t i = 1; origins && !repeat && i < count; i++) {
        if (origins[i].number == origins[i - 1].number &&
            origins[i].recording != origins[i - 1].recording) {
            *first = &profile->recordings[origins[i - 1].recording];
            repeat = &profile->recordings[origins[i].recording];
        }
    }
    free(origins);
    return repeat;
}
