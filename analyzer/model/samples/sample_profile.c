#include "analyzer/model/samples/sample_profile.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/name_suffixes.h"

const char *sample_profile_name(struct sample_profile *samples, const char *name, size_t size,
                                struct error *error)
{
    return names_intern(&samples->names, name, size, error);
}

const char *sample_profile_plain_name(struct sample_profile *samples, const char *name,
                                      struct error *error)
{
    return sample_profile_name(samples, name, name_size_of_entry(name, strlen(name)), error);
}

/* --- the tree ------------------------------------------------------------------------ */

int sample_place_compare(struct sample_place a, struct sample_place b)
{
    if (a.line_offset != b.line_offset)
        return a.line_offset < b.line_offset ? -1 : 1;
    return (a.discriminator > b.discriminator) - (a.discriminator < b.discriminator);
}

static int compare_call(const struct sample_function *inlined, struct sample_place call,
                        const char *name)
{
    int order = sample_place_compare(inlined->call, call);
    return order ? order : strcmp(inlined->name, name);
}

struct sample_function *sample_function_insert(struct sample_function *parent, size_t place,
                                               const char *name, struct error *error)
{
    if (!memory_reserve(&parent->inlined, &parent->inlined_capacity, parent->inlined_count + 1,
                        sizeof(struct sample_function *), error))
        return NULL;
    struct sample_function *added = calloc(1, sizeof(*added));
    if (!added) {
        memory_exhausted(error);
        return NULL;
    }
    added->name = name;
    memmove((void *)(parent->inlined + place + 1), (void *)(parent->inlined + place),
            (parent->inlined_count - place) * sizeof(struct sample_function *));
    parent->inlined[place] = added;
    parent->inlined_count++;
    return added;
}

struct sample_function *sample_function_inlined(struct sample_function *parent,
                                                struct sample_place call, const char *name,
                                                struct error *error)
{
    size_t place =
        SEARCH_COUNT(parent->inlined_count, i, compare_call(parent->inlined[i], call, name) < 0);
    if (place < parent->inlined_count && compare_call(parent->inlined[place], call, name) == 0)
        return parent->inlined[place];
    struct sample_function *added = sample_function_insert(parent, place, name, error);
    if (added)
        added->call = call;
    return added;
}

struct sample_record *sample_function_record(struct sample_function *function,
                                             struct sample_place place, struct error *error)
{
    struct sample_record *records = function->records;
    size_t index =
        SEARCH_COUNT(function->record_count, i, sample_place_compare(records[i].place, place) < 0);
    if (index < function->record_count && sample_place_compare(records[index].place, place) == 0)
        return &records[index];
    if (!memory_reserve(&function->records, &function->record_capacity, function->record_count + 1,
                        sizeof(struct sample_record), error))
        return NULL;
    memmove(&function->records[index + 1], &function->records[index],
            (function->record_count - index) * sizeof(struct sample_record));
    function->record_count++;
    function->records[index] = (struct sample_record){.place = place};
    return &function->records[index];
}

bool sample_record_add_target(struct sample_record *record, const char *function, uint64_t count,
                              struct error *error)
{
    for (size_t i = 0; i < record->target_count; i++) {
        if (strcmp(record->targets[i].function, function) == 0) {
            record->targets[i].count = count_add(record->targets[i].count, count);
            return true;
        }
    }
    if (!memory_reserve(&record->targets, &record->target_capacity, record->target_count + 1,
                        sizeof(*record->targets), error))
        return false;
    record->targets[record->target_count++] = (struct sample_target){function, count};
    return true;
}

uint64_t sample_function_sum(const struct sample_function *function)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < function->record_count; i++)
        sum = count_add(sum, function->records[i].count);
    for (size_t i = 0; i < function->inlined_count; i++)
        sum = count_add(sum, sample_function_sum(function->inlined[i]));
    return sum;
}

static void free_content(struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++)
        free(function->records[i].targets);
    for (size_t i = 0; i < function->inlined_count; i++)
        sample_function_free(function->inlined[i]);
    free(function->records);
    free((void *)function->inlined);
}

void sample_function_free(struct sample_function *function)
{
    free_content(function);
    free(function);
}

void sample_profile_free(struct sample_profile *samples)
{
    free_content(&samples->top);
    names_free(&samples->names);
    names_free(&samples->symbols);
    *samples = (struct sample_profile){0};
}
