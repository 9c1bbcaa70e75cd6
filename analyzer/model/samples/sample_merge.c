#include "analyzer/model/samples/sample_merge.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/samples/context_name.h"

struct sample_function *sample_profile_append(struct sample_profile *samples, const char *name,
                                              struct error *error)
{
    return sample_function_insert(&samples->top, samples->top.inlined_count, name, error);
}

static const char *own_name(struct sample_profile *samples, const char *name, struct error *error)
{
    return sample_profile_name(samples, name, strlen(name), error);
}

static bool add_records(struct sample_profile *samples, struct sample_function *into,
                        const struct sample_function *from, uint64_t weight, struct error *error)
{
    for (size_t i = 0; i < from->record_count; i++) {
        const struct sample_record *record = &from->records[i];
        struct sample_record *known = sample_function_record(into, record->place, error);
        if (!known)
            return false;
        known->count = count_add(known->count, count_multiply(record->count, weight));
        for (size_t k = 0; k < record->target_count; k++) {
            const struct sample_target *target = &record->targets[k];
            const char *name = own_name(samples, target->function, error);
            if (!name || !sample_record_add_target(known, name,
                                                   count_multiply(target->count, weight), error))
                return false;
        }
    }
    return true;
}

/* Adds a function to one of the same name; all names become the profile's own. */
static bool add_function(struct sample_profile *samples, struct sample_function *into,
                         const struct sample_function *from, uint64_t weight, const char *path,
                         struct error *error)
{
    if (into->checksum == 0)
        into->checksum = from->checksum;
    if (from->checksum != 0 && into->checksum != from->checksum) {
        error_set(error, ERROR_PROFILE_KIND, path,
                  "function %s has another control flow there (checksum): it is of another build",
                  from->name);
        return false;
    }
    into->total = count_add(into->total, count_multiply(from->total, weight));
    into->head = count_add(into->head, count_multiply(from->head, weight));
    into->attributes |= from->attributes;
    into->is_flat = into->is_flat || from->is_flat;
    if (!add_records(samples, into, from, weight, error))
        return false;
    for (size_t i = 0; i < from->inlined_count; i++) {
        const struct sample_function *inlined = from->inlined[i];
        const char *name = own_name(samples, inlined->name, error);
        struct sample_function *known =
            name ? sample_function_inlined(into, inlined->call, name, error) : NULL;
        if (!known || !add_function(samples, known, inlined, weight, path, error))
            return false;
    }
    return true;
}

static int compare_names(const void *left, const void *right)
{
    const struct sample_function *a = *(struct sample_function *const *)left;
    const struct sample_function *b = *(struct sample_function *const *)right;
    return strcmp(a->name, b->name);
}

static void sort_by_name(struct sample_function *top)
{
    if (top->inlined_count > 1)
        qsort((void *)top->inlined, top->inlined_count, sizeof(struct sample_function *),
              compare_names);
}

bool sample_profile_unite(struct sample_profile *samples, const char *path, struct error *error)
{
    struct sample_function *top = &samples->top;
    size_t kept = 0;
    bool done = true;
    sort_by_name(top);
    for (size_t i = 0; i < top->inlined_count; i++) {
        struct sample_function *function = top->inlined[i];
        /* After a failure the rest stays as it is, to be freed. */
        if (!done || kept == 0 || strcmp(top->inlined[kept - 1]->name, function->name) != 0) {
            top->inlined[kept++] = function;
            continue;
        }
        done = add_function(samples, top->inlined[kept - 1], function, 1, path, error);
        sample_function_free(function);
    }
    top->inlined_count = kept;
    return done;
}

static bool check_alike(struct sample_profile *into, const struct sample_profile *from,
                        const char *path, struct error *error)
{
    const char *what = NULL;
    if (into->top.inlined_count == 0) {
        into->by_probes = from->by_probes;
        into->has_contexts = from->has_contexts;
        into->has_hashes = from->has_hashes;
        into->has_fs_discriminators = from->has_fs_discriminators;
    }
    if (from->top.inlined_count == 0)
        return true;
    if (into->by_probes != from->by_probes)
        what = "only some of the files count by pseudo-probes";
    else if (into->has_contexts != from->has_contexts)
        what = "only some of the files tell functions apart by their callers";
    else if (into->has_hashes != from->has_hashes)
        what = "only some of the files have hashes for names";
    else if (into->has_fs_discriminators != from->has_fs_discriminators)
        what = "only some of the files have flow-sensitive discriminators";
    if (what)
        error_set(error, ERROR_PROFILE_KIND, path, "%s", what);
    return !what;
}

bool sample_profile_merge(struct sample_profile *into, const struct sample_profile *from,
                          uint64_t weight, const char *path, struct error *error)
{
    struct sample_function *top = &into->top;
    size_t sorted_count = top->inlined_count;
    if (!check_alike(into, from, path, error))
        return false;
    for (size_t i = 0; i < from->symbols.count; i++) {
        const char *symbol = from->symbols.items[i];
        if (!names_intern(&into->symbols, symbol, strlen(symbol), error))
            return false;
    }
    for (size_t i = 0; i < from->top.inlined_count; i++) {
        const struct sample_function *function = from->top.inlined[i];
        struct sample_function *known = NULL;
        struct sample_function **found = NULL;
        if (sorted_count > 0)
            found = bsearch(&function, (void *)top->inlined, sorted_count,
                            sizeof(struct sample_function *), compare_names);
        if (found) {
            known = *found;
        } else {
            const char *name = own_name(into, function->name, error);
            known = name ? sample_profile_append(into, name, error) : NULL;
        }
        if (!known || !add_function(into, known, function, weight, path, error))
            return false;
    }
    sort_by_name(top);
    return true;
}

bool sample_profile_flatten(struct sample_profile *into, const struct sample_profile *from,
                            struct error *error)
{
    into->by_probes = from->by_probes;
    into->has_fs_discriminators = from->has_fs_discriminators;
    for (size_t i = 0; i < from->top.inlined_count; i++) {
        struct sample_function function = *from->top.inlined[i];
        struct context_frame last = context_name_last(function.name);
        const char *name = sample_profile_name(into, last.name, last.size, error);
        struct sample_function *base = name ? sample_profile_append(into, name, error) : NULL;
        function.checksum = 0; /* callers may be of other builds */
        function.attributes = 0;
        if (!base || !add_function(into, base, &function, 1, function.name, error))
            return false;
    }
    return sample_profile_unite(into, "the profile", error);
}
