#include "analyzer/model/binary/function_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/binary/binary_symbols.h"

struct named_function {
    const char *name;
    size_t place; /* in the table */
    uint64_t address;
};

struct named_functions {
    const struct binary *binary;
    struct named_function *items; /* by name, then as in the table */
    size_t count, capacity;
};

static bool see(void *context, const struct binary_symbol *symbol, struct error *error)
{
    struct named_functions *functions = context;
    size_t size;
    if (!symbol->is_in_memory || *symbol->name == '\0' ||
        !binary_code_at(functions->binary, symbol->address, &size))
        return true;
    if (!memory_reserve(&functions->items, &functions->capacity, functions->count + 1,
                        sizeof(*functions->items), error))
        return false;
    functions->items[functions->count++] =
        (struct named_function){symbol->name, symbol->place, symbol->address};
    return true;
}

static int compare_names(const void *left, const void *right)
{
    const struct named_function *a = left;
    const struct named_function *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : COMPARE(a->place, b->place);
}

static bool read_names(struct named_functions *functions, const struct binary *binary,
                       struct error *error)
{
    *functions = (struct named_functions){.binary = binary};
    if (!binary_visit_symbols(binary, see, functions, error))
        return false;
    if (functions->count > 0)
        qsort(functions->items, functions->count, sizeof(*functions->items), compare_names);
    return true;
}

/* How many from `first` on have its name. */
static size_t namesakes(const struct named_functions *functions, size_t first)
{
    size_t next = first;
    while (next < functions->count &&
           strcmp(functions->items[next].name, functions->items[first].name) == 0)
        next++;
    return next - first;
}

static bool join(struct function_pairs *pairs, const struct named_functions *rewritten,
                 const struct named_functions *original, struct error *error)
{
    size_t i = 0, k = 0;
    while (i < rewritten->count && k < original->count) {
        int order = strcmp(rewritten->items[i].name, original->items[k].name);
        size_t count = order <= 0 ? namesakes(rewritten, i) : 0;
        size_t others = order >= 0 ? namesakes(original, k) : 0;
        for (size_t n = 0; order == 0 && count == others && n < count; n++) {
            if (!memory_reserve(&pairs->items, &pairs->capacity, pairs->count + 1,
                                sizeof(*pairs->items), error))
                return false;
            pairs->items[pairs->count++] = (struct function_pair){rewritten->items[i + n].address,
                                                                  original->items[k + n].address};
        }
        i += count;
        k += others;
    }
    return true;
}

static int compare_pairs(const void *left, const void *right)
{
    const struct function_pair *a = left;
    const struct function_pair *b = right;
    int order = COMPARE(a->rewritten, b->rewritten);
    return order ? order : COMPARE(a->original, b->original);
}

/* Aliases are one; of functions that BOLT folded into one, the first. */
static void sort(struct function_pairs *pairs)
{
    size_t kept = 0;
    if (pairs->count == 0)
        return;
    qsort(pairs->items, pairs->count, sizeof(*pairs->items), compare_pairs);
    for (size_t i = 1; i < pairs->count; i++) {
        if (pairs->items[kept].rewritten != pairs->items[i].rewritten)
            pairs->items[++kept] = pairs->items[i];
    }
    pairs->count = kept + 1;
}

bool function_pairs_read(struct function_pairs *pairs, const struct binary *rewritten,
                         const struct binary *original, struct error *error)
{
    struct named_functions of_rewritten = {0}, of_original = {0};
    *pairs = (struct function_pairs){0};
    bool done = read_names(&of_rewritten, rewritten, error) &&
                read_names(&of_original, original, error) &&
                join(pairs, &of_rewritten, &of_original, error);
    free(of_rewritten.items);
    free(of_original.items);
    if (done)
        sort(pairs);
    return done;
}

void function_pairs_free(struct function_pairs *pairs)
{
    free(pairs->items);
    *pairs = (struct function_pairs){0};
}

bool function_pairs_find(const struct function_pairs *pairs, uint64_t rewritten, uint64_t *original)
{
    const struct function_pair key = {.rewritten = rewritten};
    const struct function_pair *found =
        pairs->count == 0 ? NULL
                          : bsearch(&key, pairs->items, pairs->count, sizeof(key), compare_u64);
    if (found)
        *original = found->original;
    return found != NULL;
}
