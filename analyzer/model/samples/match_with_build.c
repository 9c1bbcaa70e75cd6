#include "analyzer/model/samples/match_with_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/model/samples/context_name.h"

/* A place of the binary; without one, that the function is there, and its checksum. */
struct known {
    const char *name;
    size_t size; /* of the name, which has no NUL */
    bool has_place;
    struct sample_place place;
    uint64_t checksum;
};

struct known_places {
    struct known *items;
    size_t count, capacity;
};

static int compare_known(const void *left, const void *right)
{
    const struct known *a = left;
    const struct known *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    int order = memcmp(a->name, b->name, a->size);
    if (order == 0 && a->has_place != b->has_place)
        return a->has_place ? 1 : -1;
    if (order == 0 && !a->has_place && a->checksum != b->checksum)
        return a->checksum < b->checksum ? -1 : 1;
    return order ? order : sample_place_compare(a->place, b->place);
}

static struct known name_of(const struct sample_function *function)
{
    struct context_frame frame = context_name_last(function->name);
    return (struct known){.name = frame.name, .size = frame.size};
}

static bool add_known(struct known_places *places, struct known known, struct error *error)
{
    if (!memory_reserve(&places->items, &places->capacity, places->count + 1, sizeof(known), error))
        return false;
    places->items[places->count++] = known;
    return true;
}

static bool collect(struct known_places *places, const struct sample_function *function,
                    bool by_probes, struct error *error)
{
    struct known known = name_of(function);
    known.checksum = by_probes ? function->checksum : 0;
    if (!add_known(places, known, error))
        return false;
    known.has_place = true;
    known.checksum = 0;
    for (size_t i = 0; !by_probes && i < function->record_count; i++) {
        known.place = function->records[i].place;
        if (!add_known(places, known, error))
            return false;
    }
    for (size_t i = 0; i < function->inlined_count; i++)
        if (!collect(places, function->inlined[i], by_probes, error))
            return false;
    return true;
}

/* A sample at the beginning of each function, by which all their places are told. */
static struct profile *visit_all(const struct binary *binary, bool with_symbols,
                                 struct error *error)
{
    struct profile *profile = NULL;
    struct source_lines *lines = source_lines_open(binary, with_symbols, NULL, error);
    struct module module = {.path = (char *)binary_path(binary), .is_main = true};
    uint32_t number;
    size_t count;
    binary_range(binary, &module.low_address, &module.high_address);
    bool done = lines && (profile = profile_new(error)) &&
                profile_add_module(profile, &module, &number, error);
    const struct source_range *ranges = done ? source_ranges(lines, &count) : NULL;
    for (size_t i = 0; done && i < count; i++) {
        struct trace trace = {.from.module = PROFILE_MODULE_NONE,
                              .to = {number, ranges[i].start},
                              .end = ranges[i].start,
                              .has_range = true,
                              .count = 1};
        done = profile_add_trace(profile, &trace, error);
    }
    done = done && profile_normalise(profile, error);
    source_lines_free(lines);
    if (done)
        return profile;
    profile_free(profile);
    return NULL;
}

static bool has(const struct known_places *places, const struct known *wanted)
{
    return places->count > 0 &&
           bsearch(wanted, places->items, places->count, sizeof(*wanted), compare_known) != NULL;
}

/* The counts of one function that do not match are added to *missed. */
static void match_function(struct sample_match *match, const struct known_places *places,
                           const struct sample_function *function, bool by_probes, uint64_t *missed)
{
    struct known known = name_of(function);
    known.checksum = by_probes ? function->checksum : 0;
    bool is_same = has(places, &known);
    for (size_t i = 0; i < function->record_count; i++) {
        uint64_t count = function->records[i].count;
        struct known place = known;
        place.has_place = true;
        place.checksum = 0;
        place.place = function->records[i].place;
        bool matches = is_same && (by_probes || has(places, &place));
        match->counts = count_add(match->counts, count);
        match->in_functions = count_add(match->in_functions, is_same ? count : 0);
        match->in_places = count_add(match->in_places, matches ? count : 0);
        *missed = count_add(*missed, matches ? 0 : count);
    }
    for (size_t i = 0; i < function->inlined_count; i++)
        match_function(match, places, function->inlined[i], by_probes, missed);
}

static void match_all(struct sample_match *match, const struct known_places *places,
                      const struct sample_profile *samples)
{
    uint64_t most = 0;
    for (size_t i = 0; i < samples->top.inlined_count; i++) {
        const struct sample_function *function = samples->top.inlined[i];
        uint64_t missed = 0;
        match_function(match, places, function, samples->by_probes, &missed);
        if (missed > most) {
            struct known known = name_of(function);
            most = missed;
            snprintf(match->hottest_missed, sizeof(match->hottest_missed), "%.*s", (int)known.size,
                     known.name);
        }
    }
}

/* All that the binary has a place for. */
static bool build_all(struct sample_profile *all, const struct binary *binary, bool is_gcc,
                      bool by_probes, struct error *error)
{
    struct profile *visits = visit_all(binary, !is_gcc && by_probes, error);
    bool done = visits && (is_gcc ? sample_profile_build_gcc(all, visits, 0, binary, error)
                                  : sample_profile_build(all, visits, 0, binary, error));
    profile_free(visits);
    return done;
}

bool sample_match_with_build(struct sample_match *match, const struct sample_profile *samples,
                             const struct binary *binary, bool is_gcc, struct error *error)
{
    struct known_places places = {0};
    struct sample_profile all = {0};
    *match = (struct sample_match){0};
    bool done = build_all(&all, binary, is_gcc, samples->by_probes, error);
    if (done && all.by_probes != samples->by_probes) {
        error_set(error, ERROR_PROFILE_KIND, binary_path(binary),
                  all.by_probes ? "it has pseudo-probes, and the profile is by source lines"
                                : "it has no pseudo-probes, and the profile is by those");
        done = false;
    }
    for (size_t i = 0; done && i < all.top.inlined_count; i++)
        done = collect(&places, all.top.inlined[i], all.by_probes, error);
    if (done) {
        if (places.count > 0)
            qsort(places.items, places.count, sizeof(*places.items), compare_known);
        match_all(match, &places, samples);
    }
    free(places.items);
    sample_profile_free(&all);
    return done;
}

static bool add_names(struct names *names, const struct sample_function *function,
                      struct error *error)
{
    struct known known = name_of(function);
    if (!names_intern(names, known.name, known.size, error))
        return false;
    for (size_t i = 0; i < function->inlined_count; i++)
        if (!add_names(names, function->inlined[i], error))
            return false;
    return true;
}

bool sample_names_in_build(struct names *names, const struct binary *binary, bool by_probes,
                           struct error *error)
{
    struct sample_profile all = {0};
    bool done = build_all(&all, binary, false, by_probes, error);
    for (size_t i = 0; done && i < all.top.inlined_count; i++)
        done = add_names(names, all.top.inlined[i], error);
    sample_profile_free(&all);
    return done;
}
