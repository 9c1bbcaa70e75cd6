#include "analyzer/model/symbols/symbol_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

/* Merging compacts when it holds this many more records than twice the distinct ones. */
#define COMPACT_SLACK 65536

void symbol_profile_free(struct symbol_profile *profile)
{
    names_free(&profile->names);
    free(profile->events);
    free(profile->records);
    *profile = (struct symbol_profile){0};
}

static bool keep_name(struct symbol_profile *profile, struct symbol_place *place,
                      struct error *error)
{
    if (!place->name)
        return true;
    place->name = names_intern(&profile->names, place->name, strlen(place->name), error);
    return place->name != NULL;
}

bool symbol_profile_add(struct symbol_profile *profile, const struct symbol_record *record,
                        struct error *error)
{
    struct symbol_record added = *record;
    if (!keep_name(profile, &added.from, error) || !keep_name(profile, &added.to, error) ||
        !memory_reserve(&profile->records, &profile->capacity, profile->count + 1,
                        sizeof(*profile->records), error))
        return false;
    profile->records[profile->count++] = added;
    return true;
}

/* Whether `words` has that word. */
static bool has_word(const char *words, const char *word, size_t size)
{
    for (; *words; words += strcspn(words, " "), words += strspn(words, " ")) {
        if (strcspn(words, " ") == size && memcmp(words, word, size) == 0)
            return true;
    }
    return false;
}

/* Adds the names of events that are not there yet. */
static bool add_events(struct symbol_profile *into, const char *events, struct error *error)
{
    if (!into->events) {
        into->events = memory_copy_text(events, error);
        return into->events != NULL;
    }
    for (; *events; events += strspn(events, " ")) {
        size_t size = strcspn(events, " ");
        char *joined;
        if (!has_word(into->events, events, size)) {
            if (asprintf(&joined, "%s %.*s", into->events, (int)size, events) < 0)
                return memory_exhausted(error);
            free(into->events);
            into->events = joined;
        }
        events += size;
    }
    return true;
}

/* Whether it has other records than reads of data, which go with branches and with samples. */
static bool has_code(const struct symbol_profile *profile)
{
    for (size_t i = 0; i < profile->count; i++) {
        if (profile->records[i].event != SYMBOL_EVENT_MEMORY)
            return true;
    }
    return false;
}

bool symbol_profile_merge(struct symbol_profile *into, const struct symbol_profile *from,
                          uint64_t weight, const char *path, struct error *error)
{
    if (into->count == 0)
        into->is_bolted = from->is_bolted;
    if (!has_code(into))
        into->is_sampled = into->is_sampled || from->is_sampled;
    if (has_code(from) && into->is_sampled != from->is_sampled) {
        error_set(error, ERROR_PROFILE_KIND, path,
                  from->is_sampled ? "it has samples only (no_lbr), those before have branches"
                                   : "it has branches, those before samples only (no_lbr)");
        return false;
    }
    if (from->count > 0 && into->is_bolted != from->is_bolted) {
        error_set(error, ERROR_PROFILE_KIND, path,
                  "only some of the files are of a binary that BOLT had rewritten");
        return false;
    }
    if (from->events && !add_events(into, from->events, error))
        return false;
    for (size_t i = 0; i < from->count; i++) {
        struct symbol_record record = from->records[i];
        record.count = count_multiply(record.count, weight);
        record.mispredictions = count_multiply(record.mispredictions, weight);
        if (!symbol_profile_add(into, &record, error))
            return false;
    }
    if (into->count > 2 * into->compact_count + COMPACT_SLACK)
        symbol_profile_sort(into);
    return true;
}

/* --- order ---------------------------------------------------------------------------- */

static int compare_places(const struct symbol_place *a, const struct symbol_place *b)
{
    int order = COMPARE(a->kind == SYMBOL_UNKNOWN, b->kind == SYMBOL_UNKNOWN);
    if (order == 0 && a->name != b->name)
        order = !a->name || !b->name ? COMPARE(!a->name, !b->name) : strcmp(a->name, b->name);
    if (order == 0)
        order = COMPARE(a->offset, b->offset);
    if (order == 0)
        order = COMPARE(a->kind, b->kind);
    return order;
}

int symbol_record_compare(const struct symbol_record *a, const struct symbol_record *b)
{
    int order = COMPARE(a->event, b->event);
    if (order == 0)
        order = compare_places(&a->from, &b->from);
    if (order == 0)
        order = compare_places(&a->to, &b->to);
    return order;
}

static int compare_records(const void *left, const void *right)
{
    return symbol_record_compare(left, right);
}

void symbol_profile_sort(struct symbol_profile *profile)
{
    size_t kept = 0;
    if (profile->count > 0)
        qsort(profile->records, profile->count, sizeof(*profile->records), compare_records);
    for (size_t i = 0; i < profile->count; i++) {
        const struct symbol_record *record = &profile->records[i];
        struct symbol_record *last = kept > 0 ? &profile->records[kept - 1] : NULL;
        if (last && symbol_record_compare(last, record) == 0) {
            last->count = count_add(last->count, record->count);
            last->mispredictions = count_add(last->mispredictions, record->mispredictions);
        } else {
            profile->records[kept++] = *record;
        }
    }
    profile->count = profile->compact_count = kept;
}

uint64_t symbol_profile_total(const struct symbol_profile *profile)
{
    uint64_t total = 0;
    for (size_t i = 0; i < profile->count; i++)
        total = count_add(total, profile->records[i].count);
    return total;
}
