/*
 * Raw profiles again (include/pgoshim/raw.h), so that what was merged can be
 * read, merged and converted like what was recorded.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/model/profile/repeats.h"
#include "analyzer/write/formats.h"
#include "include/pgoshim/raw.h"

static uint64_t raw_location(struct location location)
{
    if (location.module == PROFILE_MODULE_NONE)
        return PGORAW_LOCATION_NONE;
    /* The two lowest addresses mean something else; no code is there. */
    if (location.module == PROFILE_MODULE_OUTSIDE)
        return PGORAW_LOCATION(0, location.address < 2 ? 2 : location.address);
    return PGORAW_LOCATION(location.module + 1, location.address);
}

/* Texts of several recordings, each different one once, a line each. */
static void join(char *field, size_t size, const char *text)
{
    char line[2048];
    size_t used = strlen(field);
    snprintf(line, sizeof(line), "%s", text);
    for (char *rest = line, *one; (one = strsep(&rest, "\n"));) {
        if (*one == '\0' || strstr(field, one))
            continue;
        snprintf(field + used, size - used, "%s%s", used > 0 ? "\n" : "", one);
        used = strlen(field);
    }
}

/* What all recordings agree on is kept; what they do not agree on becomes unknown. */
static void fill_header(struct pgoraw_header *header, const struct profile *profile)
{
    memcpy(header->magic, PGORAW_MAGIC, sizeof(header->magic));
    header->version = PGORAW_VERSION;
    header->header_size = PGORAW_HEADER_SIZE;
    header->machine = EM_NONE;
    for (size_t i = 0; i < profile->recording_count; i++) {
        const struct recording *recording = &profile->recordings[i];
        const struct recording *first = &profile->recordings[0];
        if (i == 0) {
            header->machine = first->machine;
            header->sampler = first->sampler;
            header->branch_source = first->branch_source;
            header->stack_interval = first->stack_interval;
            header->period_ns = first->period_ns;
            header->budget_ppm = first->budget_ppm;
            header->shortest_period_ns = first->shortest_period_ns;
            header->start_time_ns = first->start_time_ns;
            header->process_id = first->process_id;
            header->program_id = first->program_id;
            snprintf(header->program, sizeof(header->program), "%s", first->program);
            snprintf(header->command_line, sizeof(header->command_line), "%s", first->command_line);
            snprintf(header->host, sizeof(header->host), "%s", first->host);
        }
        if (recording->machine != first->machine)
            header->machine = EM_NONE;
        if (recording->sampler != first->sampler)
            header->sampler = PGORAW_SAMPLER_NONE;
        if (recording->branch_source > header->branch_source)
            header->branch_source = recording->branch_source;
        if (recording->period_ns != first->period_ns)
            header->period_ns = 0;
        if (recording->budget_ppm != first->budget_ppm)
            header->budget_ppm = 0;
        if (recording->shortest_period_ns != first->shortest_period_ns)
            header->shortest_period_ns = 0;
        if (recording->process_id != first->process_id)
            header->process_id = 0;
        if (recording->program_id != first->program_id)
            header->program_id = 0;
        if (strcmp(recording->command_line, first->command_line) != 0)
            header->command_line[0] = '\0';
        if (strcmp(recording->host, first->host) != 0)
            header->host[0] = '\0';
        join(header->why, sizeof(header->why), recording->why);
        for (size_t counter = 0; counter < PGORAW_MAX_COUNTERS; counter++)
            header->counters[counter] =
                count_add(header->counters[counter], recording->counters[counter]);
    }
}

static void add_chunk(struct pgoraw_header *header, unsigned *slot, uint32_t kind,
                      uint32_t entry_size, uint64_t entry_count)
{
    if (entry_count == 0)
        return;
    header->chunks[(*slot)++] =
        (struct pgoraw_chunk){kind, entry_size, header->used_size, entry_count};
    header->used_size += entry_size * entry_count;
}

static void write_modules(const struct profile *profile, FILE *stream)
{
    for (size_t i = 0; i < profile->module_count; i++) {
        const struct module *module = &profile->modules[i];
        struct pgoraw_module raw = {.state = PGORAW_READY,
                                    .flags = module->is_main ? PGORAW_MODULE_MAIN : 0,
                                    .low_address = module->low_address,
                                    .high_address = module->high_address,
                                    .build_id_size = module->build_id_size};
        const char *path = module->path;
        size_t length = strlen(path);
        if (length >= sizeof(raw.path)) { /* the end says more than the beginning */
            path += length - (sizeof(raw.path) - 1);
            length = sizeof(raw.path) - 1;
            raw.flags |= PGORAW_MODULE_PATH_CUT;
        }
        memcpy(raw.path, path, length);
        memcpy(raw.build_id, module->build_id, module->build_id_size);
        fwrite(&raw, sizeof(raw), 1, stream);
    }
}

static void write_traces(const struct profile *profile, FILE *stream)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        uint64_t run_length = trace->end - trace->to.address;
        struct pgoraw_trace raw = {
            .from = raw_location(trace->from),
            .to = raw_location(trace->to),
            .run_length = trace->has_range && run_length < PGORAW_NO_RUN ? (uint32_t)run_length
                                                                         : PGORAW_NO_RUN,
            .state = PGORAW_READY,
            .count = trace->count,
            .weighted = correction_to_weights(trace->count, trace->correction)};
        fwrite(&raw, sizeof(raw), 1, stream);
    }
}

static void write_stacks(const struct profile *profile, FILE *stream)
{
    for (size_t i = 0; i < profile->stack_count; i++) {
        const struct stack_node *node = &profile->stacks[i];
        struct pgoraw_stack_node raw = {.parent = node->parent,
                                        .state = PGORAW_READY,
                                        .location = node->truncated ? PGORAW_LOCATION_TRUNCATED
                                                                    : raw_location(node->location),
                                        .count = node->count};
        fwrite(&raw, sizeof(raw), 1, stream);
    }
}

static void write_contexts(const struct profile *profile, FILE *stream)
{
    for (size_t i = 0; i < profile->traces_by_caller.count; i++) {
        const struct trace_by_caller *item = &profile->traces_by_caller.items[i];
        struct pgoraw_context raw = {.callers = item->callers,
                                     .trace = item->trace + 1,
                                     .state = PGORAW_READY,
                                     .count = item->count,
                                     .weighted =
                                         correction_to_weights(item->count, item->correction)};
        fwrite(&raw, sizeof(raw), 1, stream);
    }
}

/* Whether the header tells all that the origins do: it is of one recording. */
static bool header_is_origin(const struct pgoraw_header *header, const uint64_t *origins,
                             size_t count)
{
    return count == 0 ||
           (count == 1 && origins[0] == recording_number(header->start_time_ns, header->process_id,
                                                         header->host, sizeof(header->host)));
}

static void write_origins(const uint64_t *origins, size_t count, FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        struct pgoraw_origin raw = {.state = PGORAW_READY, .number = origins[i]};
        fwrite(&raw, sizeof(raw), 1, stream);
    }
}

/* Raw profiles have link-time addresses only: others must not be taken for those. */
static bool check_places(const struct profile *profile, struct error *error)
{
    for (size_t i = 0; i < profile->module_count; i++) {
        if (module_is_unnamed(&profile->modules[i])) {
            error_set(error, ERROR_NO_BINARY, "a profile by address alone", NULL);
            return false;
        }
        if (!profile->modules[i].has_file_offsets)
            continue;
        error_set(error, ERROR_OTHER_BINARY, profile->modules[i].path,
                  "it is not here as it was recorded, and its link-time addresses are not known");
        return false;
    }
    return true;
}

static bool write_raw(const struct writer_input *input, FILE *stream, struct error *error)
{
    const struct profile *profile = input->profile;
    unsigned slot = 0;
    struct pgoraw_header *header;
    if (!check_places(profile, error))
        return false;
    header = calloc(1, sizeof(*header));
    if (!header)
        return memory_exhausted(error);
    if (profile->module_count > PGORAW_MAX_MODULES) {
        error_set(error, ERROR_SYSTEM, "merging", "%zu modules are more than a raw profile holds",
                  profile->module_count);
        free(header);
        return false;
    }
    size_t origin_count;
    uint64_t *origins = profile_origins(profile, &origin_count, error);
    if (!origins) {
        free(header);
        return false;
    }
    fill_header(header, profile);
    if (header_is_origin(header, origins, origin_count))
        origin_count = 0;
    header->used_size = PGORAW_HEADER_SIZE;
    add_chunk(header, &slot, PGORAW_CHUNK_MODULES, sizeof(struct pgoraw_module),
              profile->module_count);
    add_chunk(header, &slot, PGORAW_CHUNK_TRACES, sizeof(struct pgoraw_trace),
              profile->trace_count);
    add_chunk(header, &slot, PGORAW_CHUNK_STACKS, sizeof(struct pgoraw_stack_node),
              profile->stack_count);
    add_chunk(header, &slot, PGORAW_CHUNK_CONTEXTS, sizeof(struct pgoraw_context),
              profile->traces_by_caller.count);
    add_chunk(header, &slot, PGORAW_CHUNK_ORIGINS, sizeof(struct pgoraw_origin), origin_count);
    header->reserved_size = header->size_limit = header->used_size;
    fwrite(header, sizeof(*header), 1, stream);
    free(header);
    write_modules(profile, stream);
    write_traces(profile, stream);
    write_stacks(profile, stream);
    write_contexts(profile, stream);
    write_origins(origins, origin_count, stream);
    free(origins);
    return true;
}

const struct writer writer_raw = {
    .name = "raw",
    .suffix = "pgoraw",
    .description = "a raw profile again, as merge writes it",
    .write = write_raw,
};
