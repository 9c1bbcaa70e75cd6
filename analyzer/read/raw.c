#include "analyzer/read/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/correction.h"
#include "include/pgoshim/raw.h"

#define BLOCK_SIZE 65536
/* Chunks larger than this are searched for holes, so that a sparse file of any size ends. */
#define HOLE_SEARCH_SIZE (64u << 20)
/* A live file may gain modules and chunks while it is read: looked up again so many times. */
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
    const char *path;
    int descriptor;
    uint64_t size;
    struct pgoraw_header header;
    struct profile *profile;
    unsigned refreshes;
    uint32_t entry_size; /* bytes of the entry being read */
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
    struct error *error;
};

/* What is done with an entry.  `number` counts from 1 over all chunks of the kind. */
typedef bool entry_reader(struct raw_file *file, const uint8_t *entry, uint64_t number,
                          uint64_t offset);

static bool garbled(struct raw_file *file, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool garbled(struct raw_file *file, uint64_t offset, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    error_set(file->error, ERROR_RAW_GARBLED, file->path, "byte %" PRIu64 ": %s", offset, what);
    return false;
}

static bool read_at(struct raw_file *file, uint64_t offset, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got =
            pread(file->descriptor, (uint8_t *)buffer + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_set_errno(file->error, ERROR_READ, file->path);
            return false;
        }
        if (got == 0) {
            error_set(file->error, ERROR_RAW_TRUNCATED, file->path,
                      "it ends at byte %" PRIu64 ", %zu bytes too early", offset + done,
                      size - done);
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

/* --- header and directory --------------------------------------------------- */

/* Bytes of the smallest entry that readers understand; 0: not a kind that they know. */
static size_t entry_size_of(uint32_t kind)
{
    switch (kind) {
    case PGORAW_CHUNK_MODULES:
        return sizeof(struct pgoraw_module);
    case PGORAW_CHUNK_TRACES:
        return PGORAW_TRACE_UNWEIGHED_SIZE;
    case PGORAW_CHUNK_STACKS:
        return sizeof(struct pgoraw_stack_node);
    case PGORAW_CHUNK_CONTEXTS:
        return sizeof(struct pgoraw_context);
    default:
        return 0;
    }
}

static uint64_t slot_offset(unsigned slot)
{
    return offsetof(struct pgoraw_header, chunks) + slot * sizeof(struct pgoraw_chunk);
}

static bool check_chunk(struct raw_file *file, unsigned slot)
{
    const struct pgoraw_chunk *chunk = &file->header.chunks[slot];
    uint64_t bytes, end;

    if (chunk->entry_size < entry_size_of(chunk->kind) || chunk->entry_size > BLOCK_SIZE)
        return garbled(file, slot_offset(slot), "chunk %u has entries of %" PRIu32 " bytes", slot,
                       chunk->entry_size);
    if (__builtin_mul_overflow((uint64_t)chunk->entry_size, chunk->entry_count, &bytes) ||
        __builtin_add_overflow(bytes, chunk->offset, &end) || end > INT64_MAX)
        return garbled(file, slot_offset(slot), "chunk %u has %" PRIu64 " entries at %" PRIu64,
                       slot, chunk->entry_count, chunk->offset);
    if (chunk->offset < PGORAW_HEADER_SIZE)
        return garbled(file, slot_offset(slot), "chunk %u begins inside the header", slot);
    if (end > file->size && file->size < file->header.reserved_size) {
        error_set(file->error, ERROR_RAW_TRUNCATED, file->path,
                  "%" PRIu64 " of %" PRIu64 " bytes, chunk %u ends at byte %" PRIu64, file->size,
                  file->header.reserved_size, slot, end);
        return false;
    }
    if (end > file->size)
        return garbled(file, slot_offset(slot),
                       "chunk %u ends at byte %" PRIu64 ", the file at %" PRIu64, slot, end,
                       file->size);
    for (unsigned other = 0; other < slot; other++) {
        const struct pgoraw_chunk *before = &file->header.chunks[other];
        if (entry_size_of(before->kind) == 0)
            continue;
        if (chunk->offset < before->offset + before->entry_count * before->entry_size &&
            before->offset < end)
            return garbled(file, slot_offset(slot), "chunks %u and %u overlap", other, slot);
    }
    return true;
}

static uint64_t entry_total(const struct raw_file *file, uint32_t kind)
{
    uint64_t total = 0;
    for (unsigned slot = 0; slot < PGORAW_MAX_CHUNKS; slot++) {
        if (file->header.chunks[slot].kind == kind)
            total = count_add(total, file->header.chunks[slot].entry_count);
    }
    return total;
}

static bool check_header(struct raw_file *file)
{
    const struct pgoraw_header *header = &file->header;
    if (header->version != PGORAW_VERSION) {
        error_set(file->error, ERROR_RAW_VERSION, file->path,
                  "byte %zu: version %" PRIu32 ", this program reads %u",
                  offsetof(struct pgoraw_header, version), header->version, PGORAW_VERSION);
        return false;
    }
    if (header->header_size != PGORAW_HEADER_SIZE)
        return garbled(file, offsetof(struct pgoraw_header, header_size),
                       "header of %" PRIu32 " bytes", header->header_size);
    for (unsigned slot = 0; slot < PGORAW_MAX_CHUNKS; slot++) {
        if (entry_size_of(header->chunks[slot].kind) > 0 && !check_chunk(file, slot))
            return false;
    }
    if (entry_total(file, PGORAW_CHUNK_STACKS) >= UINT32_MAX)
        return garbled(file, slot_offset(0), "too many call stack nodes for their numbers");
    return true;
}

/* The header comes before the size: a live file's chunks are never beyond its end. */
static bool read_header(struct raw_file *file)
{
    struct stat status;
    if (!read_at(file, 0, &file->header, sizeof(file->header)))
        return false;
    if (fstat(file->descriptor, &status) != 0) {
        error_set_errno(file->error, ERROR_READ, file->path);
        return false;
    }
    file->size = (uint64_t)status.st_size;
    return check_header(file);
}

/* --- entries ------------------------------------------------------------------ */

static bool read_chunk(struct raw_file *file, const struct pgoraw_chunk *chunk,
                       uint64_t first_number, entry_reader *reader, uint8_t *block)
{
    uint64_t per_block = BLOCK_SIZE / chunk->entry_size;
    for (uint64_t done = 0; done < chunk->entry_count;) {
        uint64_t offset = chunk->offset + done * chunk->entry_size;
        if (chunk->entry_count * chunk->entry_size > HOLE_SEARCH_SIZE) {
            off_t data = lseek(file->descriptor, (off_t)offset, SEEK_DATA);
            if (data < 0 && errno == ENXIO)
                return true;
            if (data > 0 && (uint64_t)data >= offset + chunk->entry_size) {
                done += ((uint64_t)data - offset) / chunk->entry_size;
                continue;
            }
        }
        uint64_t entries = chunk->entry_count - done;
        if (entries > per_block)
            entries = per_block;
        if (!read_at(file, offset, block, entries * chunk->entry_size))
            return false;
        for (uint64_t i = 0; i < entries; i++) {
            file->entry_size = chunk->entry_size;
            if (!reader(file, block + i * chunk->entry_size, first_number + done + i,
                        offset + i * chunk->entry_size))
                return false;
        }
        done += entries;
    }
    return true;
}

static bool read_kind(struct raw_file *file, uint32_t kind, entry_reader *reader)
{
    uint64_t first_number = 1;
    uint8_t *block = malloc(BLOCK_SIZE);
    bool done = block != NULL;
    if (!block)
        memory_exhausted(file->error);
    for (unsigned slot = 0; done && slot < PGORAW_MAX_CHUNKS; slot++) {
        /* A copy: readers may refresh the header. */
        struct pgoraw_chunk chunk = file->header.chunks[slot];
        if (chunk.kind != kind)
            continue;
        done = read_chunk(file, &chunk, first_number, reader, block);
        first_number += chunk.entry_count;
    }
    free(block);
    return done;
}

static bool read_module(struct raw_file *file, const uint8_t *entry, uint64_t number,
                        uint64_t offset)
{
    struct pgoraw_module raw;
    char path[sizeof(raw.path) + 1];
    memcpy(&raw, entry, sizeof(raw));
    if (raw.state != PGORAW_READY)
        return true;
    if (number > PGORAW_MAX_MODULES)
        return garbled(file, offset, "module %" PRIu64 " is beyond the largest number", number);
    if (raw.build_id_size > sizeof(raw.build_id))
        return garbled(file, offset, "module %" PRIu64 " has a build-id of %" PRIu32 " bytes",
                       number, raw.build_id_size);
    if (raw.low_address > raw.high_address || raw.high_address > PGORAW_ADDRESS_MASK)
        return garbled(file, offset, "module %" PRIu64 " reaches from %#" PRIx64 " to %#" PRIx64,
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
    return read_header(file) && read_kind(file, PGORAW_CHUNK_MODULES, read_module);
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
    if (number > entry_total(file, PGORAW_CHUNK_MODULES))
        return garbled(file, offset, "module %" PRIu32 " of %" PRIu64, number,
                       entry_total(file, PGORAW_CHUNK_MODULES));
    if (number > file->module_count || file->modules[number - 1].number == OUTSIDE_NUMBER)
        return true;

    const struct module_entry *module = &file->modules[number - 1];
    if (module->high_address > 0 &&
        (location->address < module->low_address || location->address >= module->high_address))
        return garbled(file, offset,
                       "address %#" PRIx64 " is outside module %" PRIu32 ", %#" PRIx64
                       " to %#" PRIx64,
                       location->address, number, module->low_address, module->high_address);
    location->module = module->number;
    *high_address = module->high_address;
    return true;
}

static bool read_trace(struct raw_file *file, const uint8_t *entry, uint64_t number,
                       uint64_t offset)
{
    struct pgoraw_trace raw = {0};
    bool is_weighed = file->entry_size >= sizeof(raw);
    struct trace trace = {.from = {PROFILE_MODULE_NONE, 0}};
    uint64_t high_address;

    memcpy(&raw, entry, is_weighed ? sizeof(raw) : PGORAW_TRACE_UNWEIGHED_SIZE);
    if (raw.state != PGORAW_READY)
        return true;
    if (raw.to == PGORAW_LOCATION_NONE)
        return garbled(file, offset, "trace that leads nowhere");
    if (raw.from != PGORAW_LOCATION_NONE &&
        !convert_location(file, raw.from, offset, &trace.from, &high_address))
        return false;
    if (!convert_location(file, raw.to, offset, &trace.to, &high_address))
        return false;
    trace.has_run = raw.run_length != PGORAW_NO_RUN;
    trace.end = trace.has_run ? trace.to.address + raw.run_length : 0;
    trace.count = raw.count;
    if (is_weighed)
        trace.correction = correction_from_weights(raw.count, raw.weighted);
    if (high_address > 0 && trace.end >= high_address)
        return garbled(file, offset, "run of %" PRIu32 " bytes at %#" PRIx64 " leaves its module",
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

static bool read_node(struct raw_file *file, const uint8_t *entry, uint64_t number, uint64_t offset)
{
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
    size_t low = 0;
    size_t high = file->node_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->nodes[middle].entry < entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low < file->node_count && file->nodes[low].entry == entry ? (ptrdiff_t)low : -1;
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
                    sound = garbled(file, file->nodes[n].offset,
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
        if (parent > entry_total(file, PGORAW_CHUNK_STACKS) && file->refreshes < REFRESH_LIMIT &&
            !refresh(file))
            return false;
        if (parent > entry_total(file, PGORAW_CHUNK_STACKS))
            return garbled(file, entry->offset,
                           "call stack node %" PRIu32 " with caller %" PRIu32 " of %" PRIu64,
                           entry->entry, parent, entry_total(file, PGORAW_CHUNK_STACKS));
        if (entry->node.location == PGORAW_LOCATION_NONE)
            return garbled(file, entry->offset, "call stack node %" PRIu32 " without a place",
                           entry->entry);
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

static bool read_context(struct raw_file *file, const uint8_t *entry, uint64_t number,
                         uint64_t offset)
{
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

/* What they point to was there before them: the directory that they are read by may be older. */
static bool read_contexts(struct raw_file *file)
{
    return read_kind(file, PGORAW_CHUNK_CONTEXTS, read_context) &&
           (file->context_count == 0 || read_header(file));
}

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Those of entries that are not filled in are left out. */
static bool add_contexts(struct raw_file *file)
{
    uint64_t nodes = entry_total(file, PGORAW_CHUNK_STACKS);
    uint64_t traces = entry_total(file, PGORAW_CHUNK_TRACES);
    for (size_t i = 0; i < file->context_count; i++) {
        const struct pgoraw_context *raw = &file->contexts[i].context;
        if (raw->callers > nodes || raw->trace > traces || raw->trace == 0)
            return garbled(file, file->contexts[i].offset,
                           "callers %" PRIu32 " of %" PRIu64 " of trace %" PRIu32 " of %" PRIu64,
                           raw->callers, nodes, raw->trace, traces);
        ptrdiff_t node = find_node(file, raw->callers);
        const uint32_t *trace = file->trace_count > 0
                                    ? bsearch(&raw->trace, file->traces, file->trace_count,
                                              sizeof(*file->traces), compare_numbers)
                                    : NULL;
        if (!trace || (raw->callers && node < 0))
            continue;
        struct context_trace item = {
            .callers = raw->callers ? (uint32_t)(file->first_stack + (size_t)node + 1) : 0,
            .trace = (uint32_t)(file->first_trace + (size_t)(trace - file->traces)),
            .count = raw->count,
            .correction = correction_from_weights(raw->count, raw->weighted),
        };
        if (!context_traces_add(&file->profile->context_traces, &item, file->error))
            return false;
    }
    return true;
}

/* --- the whole file -------------------------------------------------------------- */

/* A text field, which need not end in NUL in a damaged file. */
#define TEXT_FIELD(copy, field)                                                                    \
    (memcpy((copy), (field), sizeof(field)), (copy)[sizeof(field)] = '\0', (copy))

static bool add_recording(struct raw_file *file)
{
    struct pgoraw_header *header = &file->header;
    char program[sizeof(header->program) + 1];
    char command_line[sizeof(header->command_line) + 1];
    char host[sizeof(header->host) + 1];
    char why[sizeof(header->why) + 1];
    struct recording recording = {
        .file = (char *)file->path,
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
    };
    return profile_add_recording(file->profile, &recording, file->error);
}

static bool read_file(struct raw_file *file)
{
    struct stat status;
    char magic[8];
    size_t magic_size = sizeof(magic);

    if (fstat(file->descriptor, &status) != 0) {
        error_set_errno(file->error, ERROR_READ, file->path);
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        error_set(file->error, ERROR_NOT_RAW_PROFILE, file->path, "it is not a regular file");
        return false;
    }
    if (status.st_size < (off_t)magic_size)
        magic_size = (size_t)status.st_size;
    if (!read_at(file, 0, magic, magic_size))
        return false;
    if (magic_size == 0 || memcmp(magic, PGORAW_MAGIC, magic_size) != 0) {
        error_set(file->error, ERROR_NOT_RAW_PROFILE, file->path, "%s",
                  magic_size == 0 ? "it is empty" : "byte 0: another kind of file begins there");
        return false;
    }
    if (status.st_size < (off_t)PGORAW_HEADER_SIZE) {
        error_set(file->error, ERROR_RAW_TRUNCATED, file->path, "%jd of %u header bytes",
                  (intmax_t)status.st_size, PGORAW_HEADER_SIZE);
        return false;
    }
    file->first_trace = file->profile->trace_count;
    return read_header(file) && read_contexts(file) &&
           read_kind(file, PGORAW_CHUNK_MODULES, read_module) &&
           read_kind(file, PGORAW_CHUNK_TRACES, read_trace) &&
           read_kind(file, PGORAW_CHUNK_STACKS, read_node) && add_nodes(file) &&
           add_contexts(file) && add_recording(file);
}

bool profile_read_raw(const char *path, struct profile *into, struct error *error)
{
    struct raw_file file = {.path = path, .profile = into, .error = error};
    bool done;
    file.descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file.descriptor < 0) {
        error_set_errno(error, ERROR_OPEN, path);
        return false;
    }
    done = read_file(&file);
    close(file.descriptor);
    free(file.modules);
    free(file.nodes);
    free(file.contexts);
    free(file.traces);
    return done;
}
