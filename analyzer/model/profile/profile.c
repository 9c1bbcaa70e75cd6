#include "analyzer/model/profile/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"
#include "include/pgoshim/raw.h"

struct profile *profile_new(struct error *error)
{
    struct profile *profile = calloc(1, sizeof(*profile));
    if (!profile) {
        memory_exhausted(error);
        return NULL;
    }
    profile->is_normalised = true; /* nothing is in it */
    return profile;
}

static void recording_free(struct recording *recording)
{
    free(recording->file);
    free(recording->program);
    free(recording->command_line);
    free(recording->host);
    free(recording->why);
    free(recording->origins);
    free(recording->counters);
}

void profile_free(struct profile *profile)
{
    if (!profile)
        return;
    for (size_t i = 0; i < profile->module_count; i++)
        free(profile->modules[i].path);
    for (size_t i = 0; i < profile->recording_count; i++)
        recording_free(&profile->recordings[i]);
    free(profile->modules);
    free(profile->module_index);
    free(profile->traces);
    free(profile->stacks);
    free(profile->recordings);
    hybrid_samples_free(&profile->hybrid_samples);
    traces_by_caller_free(&profile->traces_by_caller);
    free(profile);
}

static uint64_t module_hash(const struct module *module)
{
    return module->build_id_size > 0 ? hash_bytes(module->build_id, module->build_id_size)
                                     : hash_bytes(module->path, strlen(module->path));
}

/* The same binary: content decides where both tell of it, else the path. */
static bool module_same(const struct module *a, const struct module *b)
{
    if (a->build_id_size != b->build_id_size || a->has_file_offsets != b->has_file_offsets)
        return false;
    if (a->build_id_size > 0)
        return memcmp(a->build_id, b->build_id, a->build_id_size) == 0;
    return strcmp(a->path, b->path) == 0;
}

/* The slot of module_index that holds the module, or the free one where it belongs. */
static uint32_t *module_slot(const struct profile *profile, const struct module *module)
{
    size_t mask = profile->module_index_size - 1;
    size_t i = (size_t)module_hash(module) & mask;
    while (profile->module_index[i] &&
           !module_same(&profile->modules[profile->module_index[i] - 1], module))
        i = (i + 1) & mask;
    return &profile->module_index[i];
}

bool profile_index_modules(struct profile *profile, struct error *error)
{
    size_t size = 64;
    while (size < profile->module_count * 4)
        size *= 2;
    uint32_t *index = calloc(size, sizeof(*index));
    if (!index)
        return memory_exhausted(error);
    free(profile->module_index);
    profile->module_index = index;
    profile->module_index_size = size;
    for (size_t i = 0; i < profile->module_count; i++)
        *module_slot(profile, &profile->modules[i]) = (uint32_t)i + 1;
    return true;
}

static bool module_unite(struct module *into, const struct module *other, struct error *error)
{
    into->is_main = into->is_main || other->is_main;
    if (other->high_address != 0) {
        if (into->high_address == 0 || other->low_address < into->low_address)
            into->low_address = other->low_address;
        if (other->high_address > into->high_address)
            into->high_address = other->high_address;
    }
    if (strcmp(other->path, into->path) < 0) {
        char *path = memory_copy_text(other->path, error);
        if (!path)
            return false;
        free(into->path);
        into->path = path;
    }
    return true;
}

bool profile_add_module(struct profile *profile, const struct module *module, uint32_t *number,
                        struct error *error)
{
    if (profile->module_index_size < (profile->module_count + 1) * 2 &&
        !profile_index_modules(profile, error))
        return false;
    uint32_t *slot = module_slot(profile, module);
    if (*slot) {
        *number = *slot - 1;
        return module_unite(&profile->modules[*number], module, error);
    }
    if (!memory_reserve(&profile->modules, &profile->module_capacity, profile->module_count + 1,
                        sizeof(*module), error))
        return false;
    struct module *added = &profile->modules[profile->module_count];
    profile->is_normalised = false;
    *added = *module;
    added->path = memory_copy_text(module->path, error);
    if (!added->path)
        return false;
    *number = (uint32_t)profile->module_count++;
    *slot = *number + 1;
    return true;
}

bool profile_add_trace(struct profile *profile, const struct trace *trace, struct error *error)
{
    if (!memory_reserve(&profile->traces, &profile->trace_capacity, profile->trace_count + 1,
                        sizeof(*trace), error))
        return false;
    struct trace *added = &profile->traces[profile->trace_count++];
    profile->is_normalised = false;
    *added = *trace;
    if (!added->has_range)
        added->end = 0;
    if (added->from.module == PROFILE_MODULE_NONE)
        added->from.address = 0;
    return true;
}

bool profile_add_stack(struct profile *profile, const struct stack_node *node, struct error *error)
{
    if (!memory_reserve(&profile->stacks, &profile->stack_capacity, profile->stack_count + 1,
                        sizeof(*node), error))
        return false;
    struct stack_node *added = &profile->stacks[profile->stack_count++];
    profile->is_normalised = false;
    *added = *node;
    if (added->truncated)
        added->location = (struct location){PROFILE_MODULE_NONE, 0};
    return true;
}

bool profile_add_recording(struct profile *profile, const struct recording *recording,
                           struct error *error)
{
    if (!memory_reserve(&profile->recordings, &profile->recording_capacity,
                        profile->recording_count + 1, sizeof(*recording), error))
        return false;
    struct recording added = *recording;
    added.file = memory_copy_text(recording->file, error);
    added.program = memory_copy_text(recording->program, error);
    added.command_line = memory_copy_text(recording->command_line, error);
    added.host = memory_copy_text(recording->host, error);
    added.why = memory_copy_text(recording->why, error);
    added.counters = calloc(PGORAW_MAX_COUNTERS, sizeof(*added.counters));
    added.origins = calloc(recording->origin_count + 1, sizeof(*added.origins));
    if (!added.file || !added.program || !added.command_line || !added.host || !added.why ||
        !added.counters || !added.origins) {
        recording_free(&added);
        return memory_exhausted(error);
    }
    memcpy(added.counters, recording->counters, PGORAW_MAX_COUNTERS * sizeof(*added.counters));
    if (recording->origin_count > 0)
        memcpy(added.origins, recording->origins, recording->origin_count * sizeof(*added.origins));
    profile->recordings[profile->recording_count++] = added;
    profile->is_normalised = false;
    return true;
}

uint64_t profile_samples(const struct profile *profile)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (profile->traces[i].from.module == PROFILE_MODULE_NONE)
            samples = count_add(samples, profile->traces[i].count);
    }
    return samples;
}

/* perf fills build-ids up to whole words, with zeros. */
static bool is_filled_up(const uint8_t *recorded, uint32_t recorded_size, uint32_t size)
{
    uint32_t i = size;
    while (i < recorded_size && recorded[i] == 0)
        i++;
    return i == recorded_size && recorded_size - size < 4 && recorded_size % 4 == 0;
}

bool build_id_same(const uint8_t *recorded, uint32_t recorded_size, const uint8_t *build_id,
                   uint32_t size)
{
    bool is_beginning =
        size > recorded_size && (recorded_size == 20 || recorded_size == PROFILE_BUILD_ID_MAX);
    if (recorded_size > size && size > 0)
        return is_filled_up(recorded, recorded_size, size) && memcmp(recorded, build_id, size) == 0;
    return (size == recorded_size || is_beginning) &&
           (recorded_size == 0 || memcmp(recorded, build_id, recorded_size) == 0);
}

const char *build_id_text(const uint8_t *build_id, uint32_t size, char text[PROFILE_BUILD_ID_TEXT])
{
    snprintf(text, PROFILE_BUILD_ID_TEXT, "none");
    for (uint32_t i = 0; i < size && i < BUILD_ID_MAX; i++)
        snprintf(text + 2 * i, 3, "%02x", build_id[i]);
    return text;
}
