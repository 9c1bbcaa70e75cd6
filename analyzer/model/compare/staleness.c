#include "analyzer/model/compare/staleness.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/code/decoder.h"

/* Something that was counted in a function. */
struct profile_place {
    const struct function *function;
    uint64_t address;
    uint64_t next; /* going on there is right as well; 0: nowhere */
    bool branches; /* the instruction has to branch */
    uint64_t count;
};

struct places {
    struct profile_place *items;
    size_t count, capacity;
};

static bool add_place(struct places *places, struct profile_place place, struct error *error)
{
    if (!memory_reserve(&places->items, &places->capacity, places->count + 1, sizeof(place), error))
        return false;
    places->items[places->count++] = place;
    return true;
}

static bool add_function(struct staleness *staleness, struct staleness_function function,
                         struct error *error)
{
    if (!memory_reserve(&staleness->functions, &staleness->function_capacity,
                        staleness->function_count + 1, sizeof(function), error))
        return false;
    staleness->functions[staleness->function_count++] = function;
    staleness->counts = count_add(staleness->counts, function.count);
    staleness->differing = count_add(staleness->differing, function.differing);
    return true;
}

static int compare_places(const void *left, const void *right)
{
    const struct profile_place *a = left;
    const struct profile_place *b = right;
    int order = COMPARE(a->function, b->function);
    return order ? order : COMPARE(a->address, b->address);
}

static bool is_right(const struct profile_place *place, const struct instruction *instruction)
{
    return instruction->address == place->address &&
           (!place->branches || instruction->kind != INSTRUCTION_OTHER ||
            (place->next && place->next == place->address + instruction->size));
}

/* Goes through a function's instructions once; its places are in order of address. */
static bool add_places(struct staleness *staleness, struct decoder *decoder,
                       const struct profile_place *places, size_t count, struct error *error)
{
    const struct function *function = places[0].function;
    struct staleness_function added = {.name = function->name, .size = function->size};
    struct instruction instruction = {.address = function->address};
    bool decoded = decoder_decode(decoder, function->address, &instruction);
    for (size_t i = 0; i < count; i++) {
        while (decoded && instruction.address < places[i].address)
            decoded = decoder_decode(decoder, instruction.address + instruction.size, &instruction);
        added.count = count_add(added.count, places[i].count);
        if (!decoded || !is_right(&places[i], &instruction))
            added.differing = count_add(added.differing, places[i].count);
    }
    return add_function(staleness, added, error);
}

static int compare_functions(const void *left, const void *right)
{
    const struct staleness_function *a = left;
    const struct staleness_function *b = right;
    int order = COMPARE(b->differing, a->differing);
    if (order == 0)
        order = COMPARE(b->count, a->count);
    return order ? order : strcmp(a->name, b->name);
}

static bool look_at(struct staleness *staleness, struct places *places, const struct binary *binary,
                    struct error *error)
{
    struct decoder *decoder = decoder_of(binary, error);
    bool done = decoder != NULL;
    if (places->count > 0)
        qsort(places->items, places->count, sizeof(*places->items), compare_places);
    for (size_t first = 0, end; done && first < places->count; first = end) {
        for (end = first;
             end < places->count && places->items[end].function == places->items[first].function;)
            end++;
        done = add_places(staleness, decoder, &places->items[first], end - first, error);
    }
    if (staleness->function_count > 0)
        qsort(staleness->functions, staleness->function_count, sizeof(*staleness->functions),
              compare_functions);
    return done;
}

bool staleness_of_addresses(struct staleness *staleness, const struct profile *profile,
                            uint32_t module, const struct binary *binary, struct error *error)
{
    struct places places = {0};
    bool done = true;
    for (size_t i = 0; done && i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool is_sample = trace->from.module == PROFILE_MODULE_NONE;
        const struct location *at = is_sample ? &trace->to : &trace->from;
        if (at->module != module)
            continue;
        const struct function *function = binary_function_at(binary, at->address);
        if (!function)
            staleness->outside = count_add(staleness->outside, trace->count);
        else if (!function->is_plt)
            done = add_place(
                &places, (struct profile_place){function, at->address, 0, !is_sample, trace->count},
                error);
    }
    done = done && look_at(staleness, &places, binary, error);
    free(places.items);
    return done;
}

/* --- by symbol ------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
    const struct function *const *a = left;
    const struct function *const *b = right;
    return strcmp((*a)->bolt_name, (*b)->bolt_name);
}

static int compare_with_name(const void *name, const void *function)
{
    return strcmp(name, (*(const struct function *const *)function)->bolt_name);
}

static const struct function **functions_by_name(const struct binary *binary, size_t *count,
                                                 struct error *error)
{
    *count = binary_function_count(binary);
    const struct function **functions = calloc(*count + 1, sizeof(struct function *));
    if (!functions) {
        memory_exhausted(error);
        return NULL;
    }
    for (size_t i = 0; i < *count; i++)
        functions[i] = binary_function(binary, i);
    qsort((void *)functions, *count, sizeof(struct function *), compare_names);
    return functions;
}

static bool add_record(struct staleness *staleness, struct places *places,
                       const struct symbol_record *record, const struct function *function,
                       struct error *error)
{
    struct staleness_function *last =
        staleness->function_count > 0 ? &staleness->functions[staleness->function_count - 1] : NULL;
    if (function) {
        struct profile_place place = {.function = function,
                                      .address = function->address + record->from.offset,
                                      .branches = record->event == SYMBOL_EVENT_BRANCH,
                                      .count = record->count};
        if (place.branches && record->to.name && strcmp(record->to.name, record->from.name) == 0)
            place.next = function->address + record->to.offset;
        return function->is_plt || add_place(places, place, error);
    }
    if (last && last->is_gone && strcmp(last->name, record->from.name) == 0) {
        last->count = count_add(last->count, record->count);
        last->differing = last->count;
        staleness->counts = count_add(staleness->counts, record->count);
        staleness->differing = count_add(staleness->differing, record->count);
        return true;
    }
    staleness->gone_functions++;
    return add_function(staleness,
                        (struct staleness_function){.name = record->from.name,
                                                    .count = record->count,
                                                    .differing = record->count,
                                                    .is_gone = true},
                        error);
}

bool staleness_of_symbols(struct staleness *staleness, const struct symbol_profile *symbols,
                          const struct binary *binary, struct error *error)
{
    struct places places = {0};
    size_t count;
    const struct function **functions = functions_by_name(binary, &count, error);
    bool done = functions != NULL;
    for (size_t i = 0; done && i < symbols->count; i++) {
        const struct symbol_record *record = &symbols->records[i];
        if (record->from.kind == SYMBOL_UNKNOWN || record->event == SYMBOL_EVENT_MEMORY)
            continue;
        const struct function **found = bsearch(record->from.name, (const void *)functions, count,
                                                sizeof(struct function *), compare_with_name);
        done = add_record(staleness, &places, record, found ? *found : NULL, error);
    }
    done = done && look_at(staleness, &places, binary, error);
    free((void *)functions);
    free(places.items);
    return done;
}

void staleness_free(struct staleness *staleness)
{
    free(staleness->functions);
    *staleness = (struct staleness){0};
}
