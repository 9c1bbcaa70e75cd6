#include "analyzer/model/match/placement.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/match/binaries.h"

#define BIASES 4
#define WITHOUT_MAPPINGS                                                                           \
    ", which is at any address when it runs: perf script tells where with --show-mmap-events"

/* What of a module's addresses makes sense where they are moved by `bias`. */
struct bias_fit {
    uint64_t bias;
    uint64_t in_code;  /* counts of addresses with code there */
    uint64_t branches; /* of those that should be branches: counts of those that are */
    uint64_t others;   /* and of those that are not */
};

bool module_is_unnamed(const struct module *module)
{
    return *module->path == '\0' && module->build_id_size == 0;
}

static void look_at(struct bias_fit *fit, struct decoder *decoder, uint64_t address, uint64_t count,
                    bool is_branch)
{
    struct instruction instruction;
    if (!decoder_decode(decoder, address + fit->bias, &instruction))
        return;
    fit->in_code = count_add(fit->in_code, count);
    if (!is_branch)
        return;
    if (instruction.kind != INSTRUCTION_OTHER && instruction.kind != INSTRUCTION_STOP)
        fit->branches = count_add(fit->branches, count);
    else
        fit->others = count_add(fit->others, count);
}

static void measure(struct bias_fit *fit, const struct profile *profile, uint32_t module,
                    struct decoder *decoder)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == module)
            look_at(fit, decoder, trace->from.address, trace->count, true);
        if (trace->to.module == module)
            look_at(fit, decoder, trace->to.address, trace->count, false);
    }
}

static bool is_better(const struct bias_fit *fit, const struct bias_fit *best)
{
    if (fit->branches != best->branches)
        return fit->branches > best->branches;
    return fit->in_code > best->in_code;
}

static bool is_anywhere(const struct binary *binary)
{
    return binary_is_pie(binary) || binary_is_shared_object(binary);
}

/* Of offsets in the file, there is one bias only. */
static bool find_bias(const struct profile *profile, uint32_t module, const struct binary *binary,
                      uint64_t *bias, struct error *error)
{
    bool is_offsets = profile->modules[module].has_file_offsets;
    uint64_t biases[BIASES] = {0, binary_first_segment(binary)};
    struct bias_fit best = {0};
    struct decoder *decoder = decoder_of(binary, error);
    if (!decoder)
        return false;
    binary_first_code(binary, &biases[2], &biases[3]);
    for (size_t i = is_offsets ? BIASES - 1 : 0; i < BIASES; i++) {
        struct bias_fit fit = {.bias = biases[i]};
        measure(&fit, profile, module, decoder);
        if (best.in_code == 0 || is_better(&fit, &best))
            best = fit;
    }
    *bias = best.bias;
    if (best.in_code > 0 && best.branches >= best.others)
        return true;
    if (best.in_code == 0)
        error_set(error, ERROR_OTHER_BINARY, binary_path(binary),
                  "no address of the profile lies in its code%s",
                  !is_offsets && is_anywhere(binary) ? WITHOUT_MAPPINGS : "");
    else
        error_set(error, ERROR_OTHER_BINARY, binary_path(binary),
                  "%.0f %% of the branches come from instructions that are none in it",
                  100.0 * (double)best.others / ((double)best.others + (double)best.branches));
    return false;
}

static bool is_code(const struct binary *binary, uint64_t address)
{
    size_t size;
    return binary_code_at(binary, address, &size) != NULL;
}

static void move(struct location *location, uint32_t module, const struct binary *binary,
                 uint64_t bias)
{
    if (location->module != module)
        return;
    location->address += bias;
    if (!is_code(binary, location->address))
        *location = (struct location){PROFILE_MODULE_OUTSIDE, 0};
}

static void move_all(struct profile *profile, uint32_t module, const struct binary *binary,
                     uint64_t bias)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        struct trace *trace = &profile->traces[i];
        bool leads_here = trace->to.module == module;
        move(&trace->from, module, binary, bias);
        move(&trace->to, module, binary, bias);
        if (!leads_here)
            continue;
        trace->has_range =
            trace->has_range && trace->to.module == module && is_code(binary, trace->end + bias);
        trace->end = trace->has_range ? trace->end + bias : 0;
    }
    for (size_t i = 0; i < profile->stack_count; i++)
        move(&profile->stacks[i].location, module, binary, bias);
}

/* Gives the module the binary's name. */
static bool name_module(struct profile *profile, uint32_t module, const struct binary *binary,
                        struct error *error)
{
    uint32_t size;
    const uint8_t *build_id = binary_build_id(binary, &size);
    char *path = memory_copy_text(binary_path(binary), error);
    if (!path)
        return false;
    struct module *named = &profile->modules[module];
    profile->is_normalised = false;
    free(named->path);
    named->path = path;
    if (size > 0) {
        named->build_id_size = size;
        memcpy(named->build_id, build_id, size);
    }
    binary_range(binary, &named->low_address, &named->high_address);
    return profile_index_modules(profile, error);
}

/* A program that was executed from memory (fexecve of memfd_create) has no file of its name. */
static bool is_in_memory_file(const struct module *module)
{
    return strncmp(module->path, "/memfd:", strlen("/memfd:")) == 0;
}

static bool has_the_name(const struct module *module, const struct binary *binary)
{
    const char *name = text_file_name(binary_path(binary));
    const char *recorded = text_file_name(module->path);
    size_t size = strlen(name);
    return strncmp(recorded, name, size) == 0 &&
           (recorded[size] == '\0' || strcmp(recorded + size, " (deleted)") == 0);
}

static bool can_be_any(const struct module *module)
{
    return module->has_file_offsets && module->build_id_size == 0;
}

/* Which modules can only be the binary, though they do not say so. */
struct meaning {
    bool by_name; /* some have its file name */
    bool by_main; /* none has, but there is one program only */
};

static struct meaning find_meaning(const struct profile *profile, const struct binary *binary)
{
    size_t mains = 0;
    struct meaning meaning = {0};
    for (size_t i = 0; i < profile->module_count; i++) {
        const struct module *module = &profile->modules[i];
        mains += module->is_main;
        meaning.by_name = meaning.by_name || (can_be_any(module) && has_the_name(module, binary));
    }
    meaning.by_main = !meaning.by_name && mains == 1;
    return meaning;
}

static bool is_meant(struct meaning meaning, const struct module *module,
                     const struct binary *binary)
{
    if (!can_be_any(module))
        return false;
    if (meaning.by_name)
        return has_the_name(module, binary);
    return module->is_main && (meaning.by_main || is_in_memory_file(module));
}

static bool has_traces(const struct profile *profile, uint32_t module)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (profile->traces[i].from.module == module || profile->traces[i].to.module == module)
            return true;
    }
    return false;
}

/* Text does not say what machine it is of. */
static void name_machine(struct profile *profile, const struct binary *binary)
{
    for (size_t i = 0; i < profile->recording_count; i++) {
        if (profile->recordings[i].machine == EM_NONE)
            profile->recordings[i].machine = binary_machine(binary);
    }
}

/* Copies of the file at several paths are the same. */
static void place_all(struct profile *profile, const struct binary *binary)
{
    uint32_t module;
    struct error unused;
    if (!binary_find_module(binary, profile, &module, &unused))
        return;
    for (uint32_t i = 0; i < profile->module_count; i++) {
        const struct module *copy = &profile->modules[i];
        if (i == module ||
            (strcmp(copy->path, binary_path(binary)) == 0 &&
             build_id_same(copy->build_id, copy->build_id_size, profile->modules[module].build_id,
                           profile->modules[module].build_id_size)))
            profile_place_module(profile, i, binary);
    }
    name_machine(profile, binary);
}

bool profile_place(struct profile *profile, const struct binary *binary, struct error *error)
{
    struct error unused;
    uint32_t module;
    struct meaning meaning = find_meaning(profile, binary);
    bool is_there = binary_find_module(binary, profile, &module, &unused);
    for (uint32_t i = 0; i < profile->module_count; i++) {
        uint64_t bias = 0;
        bool is_unnamed = module_is_unnamed(&profile->modules[i]);
        if (!is_unnamed && (is_there || !is_meant(meaning, &profile->modules[i], binary)))
            continue;
        if (has_traces(profile, i) && !find_bias(profile, i, binary, &bias, error))
            return false;
        if (is_unnamed)
            move_all(profile, i, binary, bias);
        if (!name_module(profile, i, binary, error))
            return false;
    }
    place_all(profile, binary);
    return true;
}
