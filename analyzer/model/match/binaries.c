#include "analyzer/model/match/binaries.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "analyzer/model/match/address_check.h"

static bool same_path(const char *recorded, const char *path)
{
    char *absolute;
    bool same = strcmp(recorded, path) == 0;
    if (!same && (absolute = realpath(path, NULL))) {
        same = strcmp(recorded, absolute) == 0;
        free(absolute);
    }
    return same;
}

static bool same_build(const struct module *module, const struct binary *binary)
{
    uint32_t size;
    const uint8_t *build_id = binary_build_id(binary, &size);
    return build_id_same(module->build_id, module->build_id_size, build_id, size);
}

bool binary_is_of_other_machine(const struct binary *binary, const struct profile *profile,
                                unsigned *machine)
{
    for (size_t i = 0; i < profile->recording_count; i++) {
        unsigned recorded = profile->recordings[i].machine;
        if (recorded == EM_NONE || recorded == binary_machine(binary))
            return false;
    }
    if (profile->recording_count == 0)
        return false;
    *machine = profile->recordings[0].machine;
    return true;
}

bool binary_find_module(const struct binary *binary, const struct profile *profile,
                        uint32_t *module, struct error *error)
{
    const char *path = binary_path(binary);
    const struct module *other_build = NULL;
    char recorded[PROFILE_BUILD_ID_TEXT], given[PROFILE_BUILD_ID_TEXT];
    uint32_t size;
    unsigned machine;
    const uint8_t *build_id = binary_build_id(binary, &size);

    if (binary_is_of_other_machine(binary, profile, &machine)) {
        error_set(error, ERROR_NOT_IN_PROFILE, path, "it is for %s, %s was recorded",
                  machine_text(binary_machine(binary), given), machine_text(machine, recorded));
        return false;
    }
    for (size_t i = 0; i < profile->module_count; i++) {
        const struct module *candidate = &profile->modules[i];
        bool at_path = same_path(candidate->path, path);
        if (same_build(candidate, binary) && (size > 0 || at_path)) {
            *module = (uint32_t)i;
            return true;
        }
        /* What to name in the error: best the file itself, else another of its name. */
        if (at_path ||
            (!other_build && strcmp(text_file_name(candidate->path), text_file_name(path)) == 0))
            other_build = candidate;
    }
    if (!other_build) {
        error_set(error, ERROR_NOT_IN_PROFILE, path, "build-id %s",
                  build_id_text(build_id, size, given));
        return false;
    }
    if (other_build->build_id_size == 0 && size == 0) {
        error_set(error, ERROR_NOT_IN_PROFILE, path,
                  "without a build-id, only %s itself is known to be it", other_build->path);
        return false;
    }
    error_set(error, ERROR_BUILD_ID, path, "its build-id is %s, %s was recorded with %s",
              build_id_text(build_id, size, given), other_build->path,
              build_id_text(other_build->build_id, other_build->build_id_size, recorded));
    return false;
}

uint64_t profile_of_other_builds(const struct profile *profile, uint32_t module)
{
    const struct module *modules = profile->modules;
    uint64_t counts = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        uint32_t number = profile->traces[i].to.module;
        if (number != module && number < profile->module_count &&
            strcmp(modules[number].path, modules[module].path) == 0)
            counts = count_add(counts, profile->traces[i].count);
    }
    return counts;
}

static void place(struct location *location, uint32_t module, const struct binary *binary)
{
    uint64_t bias;
    if (location->module != module)
        return;
    if (binary_link_bias(binary, location->address, 1, &bias))
        location->address += bias;
    else
        location->module = PROFILE_MODULE_OUTSIDE; /* no code is there */
}

void profile_place_module(struct profile *profile, uint32_t module, const struct binary *binary)
{
    struct module *placed = &profile->modules[module];
    if (!placed->has_file_offsets)
        return;
    placed->has_file_offsets = false;
    profile->is_normalised = false;
    binary_range(binary, &placed->low_address, &placed->high_address);
    for (size_t i = 0; i < profile->trace_count; i++) {
        struct trace *trace = &profile->traces[i];
        bool leads_here = trace->to.module == module;
        uint64_t start = trace->to.address;
        place(&trace->from, module, binary);
        place(&trace->to, module, binary);
        if (!leads_here)
            continue;
        trace->end += trace->to.address - start;
        trace->has_range =
            trace->has_range && trace->to.module == module && trace->end < placed->high_address;
        if (!trace->has_range)
            trace->end = 0;
    }
    for (size_t i = 0; i < profile->stack_count; i++)
        place(&profile->stacks[i].location, module, binary);
}

struct module_binary {
    const struct binary *binary;
    struct binary *opened; /* the same, where it is ours to free */
    bool looked_for;
};

struct binaries {
    const struct profile *profile;
    struct module_binary *entries; /* by module */
};

struct binaries *binaries_new(const struct profile *profile, struct error *error)
{
    struct binaries *binaries = calloc(1, sizeof(*binaries));
    if (binaries)
        binaries->entries = calloc(profile->module_count + 1, sizeof(*binaries->entries));
    if (!binaries || !binaries->entries) {
        free(binaries);
        memory_exhausted(error);
        return NULL;
    }
    binaries->profile = profile;
    return binaries;
}

void binaries_free(struct binaries *binaries)
{
    if (!binaries)
        return;
    for (size_t i = 0; i < binaries->profile->module_count; i++)
        binary_free(binaries->entries[i].opened);
    free(binaries->entries);
    free(binaries);
}

void binaries_give(struct binaries *binaries, uint32_t module, const struct binary *binary)
{
    struct module_binary *entry = &binaries->entries[module];
    binary_free(entry->opened);
    *entry = (struct module_binary){binary, NULL, true};
}

/* The last time that a recording began, or 0 where one does not tell. */
static uint64_t last_start(const struct profile *profile)
{
    uint64_t last = 0;
    for (size_t i = 0; i < profile->recording_count; i++) {
        uint64_t start = profile->recordings[i].start_time_ns;
        if (start == 0)
            return 0;
        last = start > last ? start : last;
    }
    return last;
}

static bool was_changed_later(const struct profile *profile, const char *path)
{
    uint64_t start = last_start(profile);
    struct stat status;
    return start > 0 && stat(path, &status) == 0 &&
           (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec > start;
}

/*
 * Without a build-id, whether the file is what was recorded shows in what was recorded: its
 * range of addresses, and where its branches and samples are.
 */
static bool is_recorded_code(const struct profile *profile, uint32_t number,
                             const struct binary *binary)
{
    const struct module *module = &profile->modules[number];
    struct error error;
    uint64_t low, high;
    if (module->build_id_size > 0 || module->has_file_offsets)
        return true;
    binary_range(binary, &low, &high);
    if (module->high_address > 0 && (module->low_address != low || module->high_address != high)) {
        message_warning("%s is another build than the recorded one (it has other segments, and "
                        "neither has a build-id): its code is not named",
                        module->path);
        return false;
    }
    if (!profile_check_addresses(profile, number, binary, &error)) {
        message_warning("%s is not what was recorded (%s): its code is not named", module->path,
                        error.detail);
        return false;
    }
    if (was_changed_later(profile, module->path))
        message_warning("%s was changed after it was recorded, and has no build-id: names can be "
                        "wrong; link with --build-id",
                        module->path);
    return true;
}

/* Of programs, people expect names; libraries of other systems are mostly not there. */
static void tell_missing(const struct module *recorded, const struct binary *opened,
                         const struct error *error)
{
    if (!recorded->is_main || *recorded->path != '/')
        return;
    if (!opened)
        message_warning("%s %s (%s): its code is not named", recorded->path,
                        error_text(error->code), error->detail);
    else if (!same_build(recorded, opened))
        message_warning("%s is another build than the recorded one: its code is not named",
                        recorded->path);
}

const struct binary *binaries_get(struct binaries *binaries, uint32_t module)
{
    struct error error;
    if (module >= binaries->profile->module_count)
        return NULL;
    struct module_binary *entry = &binaries->entries[module];
    const struct module *recorded = &binaries->profile->modules[module];
    if (entry->looked_for)
        return entry->binary;
    entry->looked_for = true;
    entry->opened = binary_open(recorded->path, &error);
    tell_missing(recorded, entry->opened, &error);
    if (entry->opened && (!same_build(recorded, entry->opened) ||
                          !is_recorded_code(binaries->profile, module, entry->opened))) {
        binary_free(entry->opened);
        entry->opened = NULL;
    }
    entry->binary = entry->opened;
    return entry->binary;
}
