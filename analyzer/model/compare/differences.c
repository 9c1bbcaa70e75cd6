#include "analyzer/model/compare/differences.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/counts/hotspots.h"

void differences_free(struct differences *differences)
{
    for (size_t i = 0; i < differences->count; i++)
        free(differences->items[i].name);
    free(differences->items);
    *differences = (struct differences){0};
}

/* Adds what was counted under a name in one of the profiles; equal names are united later. */
static bool add(struct differences *differences, bool is_second, uint64_t count,
                struct error *error, const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool add(struct differences *differences, bool is_second, uint64_t count,
                struct error *error, const char *format, ...)
{
    struct difference added = {0};
    uint64_t *total = is_second ? &differences->second_total : &differences->first_total;
    va_list arguments;
    if (!memory_reserve(&differences->items, &differences->capacity, differences->count + 1,
                        sizeof(*differences->items), error))
        return false;
    va_start(arguments, format);
    int length = vasprintf(&added.name, format, arguments);
    va_end(arguments);
    if (length < 0)
        return memory_exhausted(error);
    *(is_second ? &added.second_count : &added.first_count) = count;
    *total = count_add(*total, count);
    differences->items[differences->count++] = added;
    return true;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct difference *)left)->name,
                  ((const struct difference *)right)->name);
}

static void unite(struct differences *differences)
{
    size_t kept = 0;
    if (differences->count == 0)
        return;
    qsort(differences->items, differences->count, sizeof(*differences->items), compare_names);
    for (size_t i = 1; i < differences->count; i++) {
        struct difference *last = &differences->items[kept];
        struct difference *item = &differences->items[i];
        if (strcmp(last->name, item->name) != 0) {
            differences->items[++kept] = *item;
            continue;
        }
        last->first_count = count_add(last->first_count, item->first_count);
        last->second_count = count_add(last->second_count, item->second_count);
        free(item->name);
    }
    differences->count = kept + 1;
}

/* --- what is counted ------------------------------------------------------------------ */

static bool add_samples(struct differences *differences, const struct profile *profile,
                        uint32_t module, bool is_second, struct error *error)
{
    struct hotspots hotspots = {0};
    struct binaries *binaries = binaries_new(profile, error);
    bool done = binaries && hotspots_find(&hotspots, profile, binaries, module, error);
    for (size_t i = 0; done && i < hotspots.function_count; i++) {
        const struct hot_function *hot = &hotspots.functions[i];
        const char *path = hot->module < profile->module_count
                               ? text_file_name(profile->modules[hot->module].path)
                               : "outside";
        done = hot->function ? add(differences, is_second, hot->samples, error, "%s (%s)",
                                   hot->function->name, path)
                             : add(differences, is_second, hot->samples, error, "[%s]", path);
    }
    hotspots_free(&hotspots);
    binaries_free(binaries);
    return done;
}

bool differences_of_samples(struct differences *differences, const struct profile *first,
                            uint32_t first_module, const struct profile *second,
                            uint32_t second_module, struct error *error)
{
    return add_samples(differences, first, first_module, false, error) &&
           add_samples(differences, second, second_module, true, error);
}

static bool add_symbols(struct differences *differences, const struct symbol_profile *profile,
                        bool is_places, bool is_second, struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < profile->count; i++) {
        const struct symbol_record *record = &profile->records[i];
        const struct symbol_place *from = &record->from;
        const struct symbol_place *to = &record->to;
        const struct symbol_place *owner = from->kind == SYMBOL_UNKNOWN && to->name ? to : from;
        if (record->event == SYMBOL_EVENT_MEMORY)
            continue;
        if (!is_places)
            done = add(differences, is_second, record->count, error, "%s", owner->name);
        else if (!to->name)
            done = add(differences, is_second, record->count, error, "%s+%#" PRIx64, from->name,
                       from->offset);
        else
            done =
                add(differences, is_second, record->count, error, "%s+%#" PRIx64 " -> %s+%#" PRIx64,
                    from->name, from->offset, to->name, to->offset);
    }
    return done;
}

bool differences_of_symbols(struct differences *differences, const struct symbol_profile *first,
                            const struct symbol_profile *second, bool is_places,
                            struct error *error)
{
    return add_symbols(differences, first, is_places, false, error) &&
           add_symbols(differences, second, is_places, true, error);
}

/* `path` is how the function is called by those that it is inlined into. */
static bool add_places(struct differences *differences, const struct sample_function *function,
                       const char *path, bool is_second, struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < function->record_count; i++) {
        struct sample_place place = function->records[i].place;
        done = place.discriminator
                   ? add(differences, is_second, function->records[i].count, error,
                         "%s:%" PRIu32 ".%" PRIu32, path, place.line_offset, place.discriminator)
                   : add(differences, is_second, function->records[i].count, error, "%s:%" PRIu32,
                         path, place.line_offset);
    }
    for (size_t i = 0; done && i < function->inlined_count; i++) {
        const struct sample_function *inlined = function->inlined[i];
        char *deeper;
        if (asprintf(&deeper, "%s:%" PRIu32 " @ %s", path, inlined->call.line_offset,
                     inlined->name) < 0)
            return memory_exhausted(error);
        done = add_places(differences, inlined, deeper, is_second, error);
        free(deeper);
    }
    return done;
}

static bool add_lines(struct differences *differences, const struct sample_profile *samples,
                      bool is_places, bool is_second, struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < samples->top.inlined_count; i++) {
        const struct sample_function *function = samples->top.inlined[i];
        done = is_places ? add_places(differences, function, function->name, is_second, error)
                         : add(differences, is_second, sample_function_sum(function), error, "%s",
                               function->name);
    }
    return done;
}

bool differences_of_lines(struct differences *differences, const struct sample_profile *first,
                          const struct sample_profile *second, bool is_places, struct error *error)
{
    return add_lines(differences, first, is_places, false, error) &&
           add_lines(differences, second, is_places, true, error);
}

/* --- how much, and whether it is chance ----------------------------------------------------- */

/*
 * The change over its standard error, were the share the same in both: the
 * two-proportion z statistic.
 */
static double standard_errors(const struct differences *differences, double first, double second)
{
    double n = differences->first_observations;
    double m = differences->second_observations;
    double pooled = (first * n + second * m) / (n + m);
    double error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
    return error > 0 ? (second - first) / error : 0;
}

static int compare_changes(const void *left, const void *right)
{
    const struct difference *a = left;
    const struct difference *b = right;
    double a_change = fabs(a->second_share - a->first_share);
    double b_change = fabs(b->second_share - b->first_share);
    if (a_change != b_change)
        return a_change > b_change ? -1 : 1;
    return strcmp(a->name, b->name);
}

void differences_finish(struct differences *differences)
{
    unite(differences);
    for (size_t i = 0; i < differences->count; i++) {
        struct difference *item = &differences->items[i];
        item->first_share = (double)item->first_count / (double)differences->first_total;
        item->second_share = (double)item->second_count / (double)differences->second_total;
        item->errors = standard_errors(differences, item->first_share, item->second_share);
    }
    if (differences->count > 1)
        qsort(differences->items, differences->count, sizeof(*differences->items), compare_changes);
}
