#include "bolt-bridge/toolchain/renaming.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/samples/sample_order.h"
#include "bolt-bridge/toolchain/built_code.h"

/* A name, and what of it does not depend on paths and hashes. */
struct plain_name {
    char *plain;
    const char *name;
    const char *other; /* the same function's name in the build; NULL: it keeps its own */
};

struct plain_names {
    struct plain_name *items; /* by `plain` */
    size_t count, capacity;
};

static int compare_plain(const void *left, const void *right)
{
    const struct plain_name *a = left;
    const struct plain_name *b = right;
    int order = strcmp(a->plain, b->plain);
    return order ? order : strcmp(a->name, b->name);
}

static int compare_names(const void *left, const void *right)
{
    const struct plain_name *a = left;
    const struct plain_name *b = right;
    return strcmp(a->name, b->name);
}

static void sort(struct plain_names *list, int (*compare)(const void *, const void *))
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare);
}

static bool add(struct plain_names *list, const char *name, struct error *error)
{
    size_t size = strlen(name);
    if (!memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof(*list->items),
                        error))
        return false;
    char *plain = malloc(size + 1);
    if (!plain)
        return memory_exhausted(error);
    if (built_plain_name(name, size, plain))
        list->items[list->count++] = (struct plain_name){.plain = plain, .name = name};
    else
        free(plain);
    return true;
}

/* Of the names that have paths or hashes, those that `others` has not. */
static bool collect(struct plain_names *list, const struct names *names, const struct names *others,
                    struct error *error)
{
    for (size_t i = 0; i < names->count; i++)
        if (!names_find(others, names->items[i], strlen(names->items[i])) &&
            !add(list, names->items[i], error))
            return false;
    sort(list, compare_plain);
    return true;
}

static bool is_alone(const struct plain_names *list, size_t at)
{
    const struct plain_name *items = list->items;
    return (at == 0 || strcmp(items[at - 1].plain, items[at].plain) != 0) &&
           (at + 1 == list->count || strcmp(items[at + 1].plain, items[at].plain) != 0);
}

static const char *find_alone(const struct plain_names *list, const char *plain)
{
    size_t at = SEARCH_COUNT(list->count, i, strcmp(list->items[i].plain, plain) < 0);
    return at < list->count && strcmp(list->items[at].plain, plain) == 0 && is_alone(list, at)
               ? list->items[at].name
               : NULL;
}

static bool join(struct names *all, const struct names *names, struct error *error)
{
    for (size_t i = 0; i < names->count; i++)
        if (!names_intern(all, names->items[i], strlen(names->items[i]), error))
            return false;
    return true;
}

/* Which of the profile's names become which of the build's. */
static bool pair(struct plain_names *recorded, const struct plain_names *made,
                 struct sample_profile *samples, size_t *renamed, struct error *error)
{
    for (size_t i = 0; i < recorded->count; i++) {
        const char *other =
            is_alone(recorded, i) ? find_alone(made, recorded->items[i].plain) : NULL;
        if (!other)
            continue;
        recorded->items[i].other = sample_profile_name(samples, other, strlen(other), error);
        if (!recorded->items[i].other)
            return false;
        ++*renamed;
    }
    sort(recorded, compare_names);
    return true;
}

static const char *new_name(const struct plain_names *recorded, const char *name)
{
    const struct plain_name key = {.name = name};
    const struct plain_name *found =
        bsearch(&key, recorded->items, recorded->count, sizeof(key), compare_names);
    return found && found->other ? found->other : name;
}

static void rename_in(const struct plain_names *recorded, struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++) {
        struct sample_record *record = &function->records[i];
        for (size_t k = 0; k < record->target_count; k++)
            record->targets[k].function = new_name(recorded, record->targets[k].function);
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        function->inlined[i]->name = new_name(recorded, function->inlined[i]->name);
        rename_in(recorded, function->inlined[i]);
    }
}

/* Those without samples: what is not among them is new, and not known to be cold. */
static bool rename_symbols(const struct plain_names *recorded, struct names *symbols,
                           struct error *error)
{
    struct names renamed = {0};
    bool done = true;
    for (size_t i = 0; done && i < symbols->count; i++) {
        const char *name = new_name(recorded, symbols->items[i]);
        done = names_intern(&renamed, name, strlen(name), error) != NULL;
    }
    names_free(symbols);
    *symbols = renamed;
    return done;
}

static void free_names(struct plain_names *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].plain);
    free(list->items);
}

bool renaming_apply(struct sample_profile *samples, const struct names *made, size_t *renamed,
                    struct error *error)
{
    struct plain_names recorded = {0}, built = {0};
    struct names all = {0};
    *renamed = 0;
    if (samples->has_contexts || samples->has_hashes)
        return true;
    bool done = join(&all, &samples->names, error) && join(&all, &samples->symbols, error) &&
                collect(&recorded, &all, made, error) && collect(&built, made, &all, error) &&
                pair(&recorded, &built, samples, renamed, error);
    if (done && *renamed > 0) {
        rename_in(&recorded, &samples->top);
        sample_profile_sort(samples);
        done = rename_symbols(&recorded, &samples->symbols, error);
    }
    free_names(&recorded);
    free_names(&built);
    names_free(&all);
    return done;
}
