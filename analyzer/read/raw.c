/* Raw profiles (include/pgoshim/raw.h): what the entries of a container say. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/model/profile/repeats.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/raw_chunks.h"

/* A live file may gain modules and chunks while it is read: how often its header is read again. */
#define REFRESH_LIMIT 16

#define OUTSIDE_NUMBER UINT32_MAX

/* A module entry as the other entries refer to it. */
struct module_entry {
    uint32_t number; /* in the profile; OUTSIDE_NUMBER: its entry is not filled in */
    uint64_t low_address;
    uint64_t high_address; /* 0: not known */
};

struct node_entry {
    uint32_t entry; /* number in the file, from 1 */
    uint64_t offset;
    struct pgoraw_stack_node node;
};

struct context_entry {
    uint64_t offset;
    struct pgoraw_context context;
};

struct raw_file {
    struct raw_chunks chunks;
    struct profile *profile;
    unsigned refreshes;
    struct module_entry *modules;
    size_t module_count, module_capacity;
    struct node_entry *nodes; /* in order of `entry` */
    size_t node_count, node_capacity;
    size_t first_stack; /* the first node's index in the profile */
    struct context_entry *contexts;
    size_t context_count, context_capacity;
    uint32_t *traces; /* numbers in the file of those in the profile, where contexts need them */
    size_t trace_count, trace_capacity;
    size_t first_trace; /* the first one's index in the profile */
    uint64_t *origins;
    size_t origin_count, origin_capacity;
    struct error *error;
};

static bool read_module(void *reader_data, const uint8_t *entry, uint64_t number, uint64_t offset)
{
    struct raw_file *file = reader_data;
    struct pgoraw_module raw;
    char path[sizeof(raw.path) + 1];
    memcpy(&raw, entry, sizeof(raw));
    if (raw.state != PGORAW_READY)
        return true;
    if (number > PGORAW_MAX_MODULES)
        return byte_file_garbled(&file->chunks.file, offset,
                                 "module %" PRIu64 " is beyond the largest number", number);
    if (raw.build_id_size > sizeof(raw.build_id))
        return byte_file_garbled(&file->chunks.file, offset,
                                 "module %" PRIu64 " has a build-id of %" PRIu32 " bytes", number,
                                 raw.build_id_size);
    if (raw.low_address > raw.high_address || raw.high_address > PGORAW_ADDRESS_MASK)
        return byte_file_garbled(&file->chunks.file, offset,
                                 "module %" PRIu64 " reaches from %#" PRIx64 " to %#" PRIx64,
                                 number, raw.low_address, raw.high_address);

    struct module module = {.path = path,
                            .build_id_size = raw.build_id_size,
                            .low_address = raw.low_address,
                            .high_address = raw.high_address,
                            .is_main = (raw.flags & PGORAW_MODULE_MAIN) != 0};
    memcpy(module.build_id, raw.build_id, raw.build_id_size);
    memcpy(path, raw.path, sizeof(raw.path));
    path[sizeof(raw.path)] = '\0';

    size_t old_count = file->module_count;
    if (number > old_count) {
        if (!memory_reserve(&file->modules, &file->module_capacity, number, sizeof(*file->modules),
                            file->error))
            return false;
        for (size_t i = old_count; i < number; i++)
            file->modules[i] = (struct module_entry){OUTSIDE_NUMBER, 0, 0};
        file->module_count = number;
    }
    struct module_entry *known = &file->modules[number - 1];
    known->low_address = raw.low_address;
    known->high_address = raw.high_address;
    return profile_add_module(file->profile, &module, &known->number, file->error);
}

static bool refresh(struct raw_file *file)
{
    file->refreshes++;
    return raw_chunks_read_header(&file->chunks) &&
           raw_chunks_read_kind(&file->chunks, PGORAW_CHUNK_MODULES, read_module, file);
}

/*
 * A place in the file's terms as one in the profile's.  Its module may have
 * come while we read, or its entry may have been left half filled in: then
 * the code is outside every module.
 */
static bool convert_location(struct raw_file *file, uint64_t raw, uint64_t offset,
                             struct location *location, uint64_t *high_address)
{
    uint32_t number = PGORAW_MODULE(raw);
    *location = (struct location){PROFILE_MODULE_OUTSIDE, PGORAW_ADDRESS(raw)};
    *high_address = 0;
    if (number == 0)
        return true;
    if ((number > file->module_count || file->modules[number - 1].number == OUTSIDE_NUMBER) &&
        file->refreshes < REFRESH_LIMIT && !refresh(file))
        return false;
    if (number > raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_MODULES))
        return byte_file_garbled(&file->chunks.file, offset, "module %" PRIu32 " of %" PRIu64,
                                 number,
                                 raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_MODULES));
    if (number > file->module_count || file->modules[number - 1].number == OUTSIDE_NUMBER)
        return true;

    const struct module_entry *module = &file->modules[number - 1];
    if (module->high_address > 0 &&
        (location->address < module->low_address || location->address >= module->high_address))
        return byte_file_garbled(
            &file->chunks.file, offset,
            "address %#" PRIx64 " is outside module %" PRIu32 ", %#" PRIx64 " to %#" PRIx64,
            location->address, number, module->low_address, module->high_address);
    location->module = module->number;
    *high_address = module->high_address;
    return true;
}

static bool read_trace(void *reader_data, const uint8_t *entry, uint64_t number, uint64_t offset)
{
    struct raw_file *file = reader_data;
    struct pgoraw_trace raw = {0};
    bool is_weighed = file->chunks.entry_size >= sizeof(raw);
    struct trace trace = {.from = {PROFILE_MODULE_NONE, 0}};
    uint64_t high_address;

    memcpy(&raw, entry, is_weighed ? sizeof(raw) : PGORAW_TRACE_UNWEIGHED_SIZE);
    if (raw.state != PGORAW_READY)
        return true;
    if (raw.to == PGORAW_LOCATION_NONE)
        return byte_file_garbled(&file->chunks.file, offset, "trace that leads nowhere");
    if (raw.from != PGORAW_LOCATION_NONE &&
        !convert_location(file, raw.from, offset, &trace.from, &high_address))
        return false;
    if (!convert_location(file, raw.to, offset, &trace.to, &high_address))
        return false;
    trace.has_range = raw.run_length != PGORAW_NO_RUN;
    trace.end = trace.has_range ? trace.to.address + raw.run_length : 0;
    trace.count = raw.count;
    if (is_weighed)
        trace.correction = correction_from_weights(raw.count, raw.weighted);
    if (high_address > 0 && trace.end >= high_address)
        return byte_file_garbled(&file->chunks.file, offset,
                                 "range of %" PRIu32 " bytes at %#" PRIx64 " leaves its module",
                                 raw.run_length, trace.to.address);
    if (file->context_count > 0 && number <= UINT32_MAX) {
        if (!memory_reserve(&file->traces, &file->trace_capacity, file->trace_count + 1,
                            sizeof(*file->traces), file->error))
            return false;
        file->traces[file->trace_count++] = (uint32_t)number;
    }
    return profile_add_trace(file->profile, &trace, file->error);
}

/* --- call stacks --------------------------------------------------------------- */

static bool read_node(void *reader_data, const uint8_t *entry, uint64_t number, uint64_t offset)
{
    struct raw_file *file = reader_data;
    struct pgoraw_stack_node raw;
    memcpy(&raw, entry, sizeof(raw));
    if (raw.state != PGORAW_READY)
        return true;
    if (!memory_reserve(&file->nodes, &file->node_capacity, file->node_count + 1,
                        sizeof(*file->nodes), file->error))
        return false;
    file->nodes[file->node_count++] = (struct node_entry){(uint32_t)number, offset, raw};
    return true;
}

/* The index of the node with that number in the file, or -1 where it is not filled in. */
static ptrdiff_t find_node(const struct raw_file *file, uint32_t entry)
{
    size_t index = SEARCH_COUNT(file->node_count, i, file->nodes[i].entry < entry);
    return index < file->node_count && file->nodes[index].entry == entry ? (ptrdiff_t)index : -1;
}

/* Follows callers from every node once; a walk that meets itself is a cycle. */
static bool check_cycles(struct raw_file *file, size_t first)
{
    const struct profile *profile = file->profile;
    uint32_t *walk = calloc(file->node_count + 1, sizeof(*walk));
    bool sound = true;
    if (!walk)
        return memory_exhausted(file->error);
    for (size_t i = 0; sound && i < file->node_count; i++) {
        for (size_t n = i; n < file->node_count;) {
            if (walk[n]) {
                if (walk[n] == i + 1)
                    sound = byte_file_garbled(&file->chunks.file, file->nodes[n].offset,
                                              "call stack node %" PRIu32 " is its own caller",
                                              file->nodes[n].entry);
                break;
            }
            walk[n] = (uint32_t)i + 1;
            uint32_t parent = profile->stacks[first + n].parent;
            if (parent == 0)
                break;
            n = parent - 1 - first; /* what stands for missing callers comes after all nodes */
        }
    }
    free(walk);
    return sound;
}

static bool add_nodes(struct raw_file *file)
{
    struct profile *profile = file->profile;
    size_t first = file->first_stack = profile->stack_count;
    uint32_t missing_callers = 0; /* index + 1 of the node that stands for them */
    uint64_t high_address;

    for (size_t i = 0; i < file->node_count; i++) {
        const struct node_entry *entry = &file->nodes[i];
        struct stack_node node = {.count = entry->node.count,
                                  .truncated = entry->node.location == PGORAW_LOCATION_TRUNCATED};
        uint32_t parent = entry->node.parent;
        if (parent > raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_STACKS) &&
            file->refreshes < REFRESH_LIMIT && !refresh(file))
            return false;
        if (parent > raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_STACKS))
            return byte_file_garbled(
                &file->chunks.file, entry->offset,
                "call stack node %" PRIu32 " with caller %" PRIu32 " of %" PRIu64, entry->entry,
                parent, raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_STACKS));
        if (entry->node.location == PGORAW_LOCATION_NONE)
            return byte_file_garbled(&file->chunks.file, entry->offset,
                                     "call stack node %" PRIu32 " without a place", entry->entry);
        if (!node.truncated && !convert_location(file, entry->node.location, entry->offset,
                                                 &node.location, &high_address))
            return false;
        if (parent) {
            ptrdiff_t index = find_node(file, parent);
            node.parent = index < 0 ? UINT32_MAX : (uint32_t)(first + (size_t)index + 1);
        }
        if (!profile_add_stack(profile, &node, file->error))
            return false;
    }
    for (size_t i = first; i < first + file->node_count; i++) {
        if (profile->stacks[i].parent != UINT32_MAX)
            continue;
        if (!missing_callers) {
            struct stack_node node = {.truncated = true};
            if (!profile_add_stack(profile, &node, file->error))
                return false;
            missing_callers = (uint32_t)profile->stack_count;
        }
        profile->stacks[i].parent = missing_callers;
    }
    return check_cycles(file, first);
}

/* --- traces by callers ----------------------------------------------------------- */

static bool read_context(void *reader_data, const uint8_t *entry, uint64_t number, uint64_t offset)
{
    struct raw_file *file = reader_data;
    struct pgoraw_context raw;
    (void)number;
    memcpy(&raw, entry, sizeof(raw));
    if (raw.state != PGORAW_READY)
        return true;
    if (!memory_reserve(&file->contexts, &file->context_capacity, file->context_count + 1,
                        sizeof(*file->contexts), file->error))
        return false;
    file->contexts[file->context_count++] = (struct context_entry){offset, raw};
    return true;
}

/*
 * Contexts are read first: in a live file, the traces and nodes that they point to were
 * there before them.  The directory is then read again, to have those.
 */
static bool read_contexts(struct raw_file *file)
{
    return raw_chunks_read_kind(&file->chunks, PGORAW_CHUNK_CONTEXTS, read_context, file) &&
           (file->context_count == 0 || raw_chunks_read_header(&file->chunks));
}

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Leaves out contexts whose trace or node is not filled in. */
static bool add_contexts(struct raw_file *file)
{
    uint64_t nodes = raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_STACKS);
    uint64_t traces = raw_chunks_entry_total(&file->chunks, PGORAW_CHUNK_TRACES);
    for (size_t i = 0; i < file->context_count; i++) {
        const struct pgoraw_context *raw = &file->contexts[i].context;
        if (raw->callers > nodes || raw->trace > traces || raw->trace == 0)
            return byte_file_garbled(&file->chunks.file, file->contexts[i].offset,
                                     "callers %" PRIu32 " of %" PRIu64 " of trace %" PRIu32
                                     " of %" PRIu64,
                                     raw->callers, nodes, raw->trace, traces);
        ptrdiff_t node = find_node(file, raw->callers);
        const uint32_t *trace = file->trace_count > 0
                                    ? bsearch(&raw->trace, file->traces, file->trace_count,
                                              sizeof(*file->traces), compare_numbers)
                                    : NULL;
        if (!trace || (raw->callers && node < 0))
            continue;
        struct trace_by_caller item = {
            .callers = raw->callers ? (uint32_t)(file->first_stack + (size_t)node + 1) : 0,
            .trace = (uint32_t)(file->first_trace + (size_t)(trace - file->traces)),
            .count = raw->count,
            .correction = correction_from_weights(raw->count, raw->weighted),
        };
        if (!traces_by_caller_add(&file->profile->traces_by_caller, &item, file->error))
            return false;
    }
    return true;
}

/* --- the whole file -------------------------------------------------------------- */

/* A text field, which need not end in NUL in a damaged file. */
#define TEXT_FIELD(copy, field)                                                                    \
    (memcpy((copy), (field), sizeof(field)), (copy)[sizeof(field)] = '\0', (copy))

static bool add_origin(struct raw_file *file, uint64_t number)
{
    if (!memory_reserve(&file->origins, &file->origin_capacity, file->origin_count + 1,
                        sizeof(*file->origins), file->error))
        return false;
    file->origins[file->origin_count++] = number;
    return true;
}

static bool read_origin(void *reader_data, const uint8_t *entry, uint64_t number, uint64_t offset)
{
    struct pgoraw_origin raw;
    (void)number;
    (void)offset;
    memcpy(&raw, entry, sizeof(raw));
    return raw.state != PGORAW_READY || add_origin(reader_data, raw.number);
}

/* Of a file by the recorder, its header is the origin. */
static bool read_origins(struct raw_file *file)
{
    const struct pgoraw_header *header = &file->chunks.header;
    if (!raw_chunks_read_kind(&file->chunks, PGORAW_CHUNK_ORIGINS, read_origin, file))
        return false;
    return file->origin_count > 0 || header->start_time_ns == 0 || header->process_id == 0 ||
           add_origin(file, recording_number(header->start_time_ns, header->process_id,
                                             header->host, sizeof(header->host)));
}

static bool add_recording(struct raw_file *file)
{
    struct pgoraw_header *header = &file->chunks.header;
    char program[sizeof(header->program) + 1];
    char command_line[sizeof(header->command_line) + 1];
    char host[sizeof(header->host) + 1];
    char why[sizeof(header->why) + 1];
    struct recording recording = {
        .file = (char *)file->chunks.file.path,
        .program = TEXT_FIELD(program, header->program),
        .command_line = TEXT_FIELD(command_line, header->command_line),
        .host = TEXT_FIELD(host, header->host),
        .why = TEXT_FIELD(why, header->why),
        .sampler = header->sampler,
        .branch_source = header->branch_source,
        .machine = header->machine,
        .stack_interval = header->stack_interval,
        .program_id = header->program_id,
        .budget_ppm = header->budget_ppm,
        .shortest_period_ns = header->shortest_period_ns,
        .period_ns = header->period_ns,
        .start_time_ns = header->start_time_ns,
        .process_id = header->process_id,
        .counters = header->counters,
        .origins = file->origins,
        .origin_count = file->origin_count,
    };
    return profile_add_recording(file->profile, &recording, file->error);
}

static bool read_entries(struct raw_file *file)
{
    struct raw_chunks *chunks = &file->chunks;
    file->first_trace = file->profile->trace_count;
    return read_contexts(file) &&
           raw_chunks_read_kind(chunks, PGORAW_CHUNK_MODULES, read_module, file) &&
           raw_chunks_read_kind(chunks, PGORAW_CHUNK_TRACES, read_trace, file) &&
           raw_chunks_read_kind(chunks, PGORAW_CHUNK_STACKS, read_node, file) && add_nodes(file) &&
           add_contexts(file) && read_origins(file) && add_recording(file);
}

/* A raw profile of one process is of that one or not; threads have no names in it. */
static bool check_filter(const char *path, const struct profile_filter *filter,
                         const struct profile *profile, struct error *error)
{
    const struct recording *recording = &profile->recordings[profile->recording_count - 1];
    const char *what = NULL;
    if (filter->thread)
        what = "raw profiles do not tell the names of threads";
    else if (recording->counters[PGORAW_COUNT_PROCESSES] > 1 || recording->process_id == 0)
        what = "several processes were recorded into it, and it does not tell them apart";
    else if ((uint32_t)recording->process_id != filter->process)
        what = "it is of another process";
    if (what)
        error_set(error, ERROR_PROFILE_KIND, path, "%s", what);
    return !what;
}

static bool read_raw(const char *path, const struct profile_filter *filter, struct profile *into,
                     struct error *error)
{
    struct raw_file file = {.profile = into, .error = error};
    if (!raw_chunks_open(&file.chunks, path, error))
        return false;
    bool done = read_entries(&file);
    raw_chunks_close(&file.chunks);
    free(file.modules);
    free(file.nodes);
    free(file.contexts);
    free(file.origins);
    free(file.traces);
    return done && (!filter || check_filter(path, filter, into, error));
}

static bool fits(const struct file_head *head)
{
    return head->size >= sizeof(PGORAW_MAGIC) - 1 &&
           memcmp(head->bytes, PGORAW_MAGIC, sizeof(PGORAW_MAGIC) - 1) == 0;
}

const struct reader reader_raw = {
    .name = "a raw profile",
    .kind = PROFILE_BY_ADDRESS,
    .takes_filter = true,
    .fits = fits,
    .read = read_raw,
};
