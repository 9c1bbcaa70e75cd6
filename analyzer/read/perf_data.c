/*
 * perf.data, as `perf record` writes it to a file or to a pipe
 * (tools/perf/Documentation/perf.data-file-format.txt): the header, the events, the
 * features, and which records there are.
 */
#include <elf.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/perf_file.h"
#include "analyzer/read/perf_left_out.h"
#include "analyzer/read/perf_records.h"

/* What every perf.data of a little-endian machine begins with. */
#define MAGIC "PERFILE2"
#define FILE_HEADER_SIZE 104
#define PIPE_HEADER_SIZE 16
#define ATTRIBUTE_SIZE 64 /* of the oldest version: all that is needed but the branch type */
#define FEATURE_LIMIT (16u << 20)

/* Records that perf itself puts between the kernel's. */
enum {
    RECORD_ATTRIBUTE = 64,
    RECORD_TRACING_DATA = 66,
    RECORD_BUILD_ID = 67,
    RECORD_AUXTRACE = 71,
    RECORD_FEATURE = 80,
    RECORD_COMPRESSED = 81,
    RECORD_COMPRESSED2 = 83,
};

enum {
    FEATURE_BUILD_ID = 2,
    FEATURE_HOST = 3,
    FEATURE_MACHINE = 6,
    FEATURE_COMMAND_LINE = 11,
    FEATURES = 256,
};

#define MISC_BUILD_ID_SIZE (1u << 15) /* a build-id entry tells how long its build-id is */

static bool read_attributes(struct perf_file *file, uint64_t offset, uint64_t size,
                            uint64_t entry_size)
{
    uint64_t ids_left = file->bytes.size / 8;
    if (entry_size < ATTRIBUTE_SIZE + 16 || entry_size > 65536)
        return byte_file_garbled(&file->bytes, 16, "attributes of %" PRIu64 " bytes", entry_size);
    if (size / entry_size == 0)
        return byte_file_garbled(&file->bytes, 32, "it has no events");
    for (uint64_t end = offset + size / entry_size * entry_size; offset < end;
         offset += entry_size) {
        const uint8_t *entry = perf_bytes_at(file, offset, entry_size);
        if (!entry || !perf_add_event(file, entry, entry_size - 16))
            return false;
        uint64_t ids = perf_get64(entry + entry_size - 16);
        uint64_t ids_size = perf_get64(entry + entry_size - 8);
        if (!perf_check_section(file, offset + entry_size - 16, ids, ids_size, "a list of numbers"))
            return false;
        if (ids_size / 8 > ids_left)
            return byte_file_garbled(&file->bytes, offset + entry_size - 16,
                                     "lists of numbers overlap");
        ids_left -= ids_size / 8;
        for (uint64_t i = 0; i < ids_size / 8; i++) {
            const uint8_t *id = perf_bytes_at(file, ids + 8 * i, 8);
            if (!id || !perf_add_event_id(file, perf_get64(id)))
                return false;
        }
    }
    return true;
}

/* The same in a pipe: a record with an event's attributes and its numbers. */
static bool read_attribute_record(struct perf_file *file, const uint8_t *record, size_t size,
                                  uint64_t offset)
{
    size_t attribute_size = size >= 16 ? perf_get32(record + 12) : 0;
    if (attribute_size < ATTRIBUTE_SIZE || attribute_size > size - 8)
        return byte_file_garbled(&file->bytes, offset, "attributes of %zu bytes", attribute_size);
    if (!perf_add_event(file, record + 8, attribute_size))
        return false;
    for (size_t i = 8 + attribute_size; i + 8 <= size; i += 8) {
        if (!perf_add_event_id(file, perf_get64(record + i)))
            return false;
    }
    return true;
}

/* --- features ------------------------------------------------------------------------- */

/* A length and that many bytes.  Returns the bytes taken, 0 where they are not there. */
static size_t read_text(const uint8_t *bytes, size_t size, char *copy, size_t copy_size)
{
    size_t length = size >= 4 ? perf_get32(bytes) : 0;
    if (size < 4 || length > size - 4)
        return 0;
    perf_add_text(copy, copy_size, bytes + 4, length);
    return 4 + length;
}

/* One build-id: a header, the process, 20 bytes with their number in the next, and the path. */
static bool read_build_id(struct perf_file *file, const uint8_t *entry, size_t size)
{
    char path[4096] = "";
    uint32_t id_size = 20;
    if (size <= 36)
        return true;
    if (perf_get16(entry + 4) & MISC_BUILD_ID_SIZE && entry[32] <= 20)
        id_size = entry[32];
    perf_add_text(path, sizeof(path), entry + 36, size - 36);
    return *path != '/' ||
           perf_add_build_id(file->sink.spaces, path, entry + 12, id_size, file->bytes.error);
}

static bool read_build_ids(struct perf_file *file, const uint8_t *bytes, size_t size,
                           uint64_t offset)
{
    for (size_t done = 0; size - done >= 8;) {
        size_t entry_size = perf_get16(bytes + done + 6);
        if (entry_size < 8 || entry_size > size - done)
            return byte_file_garbled(&file->bytes, offset + done, "build-id of %zu bytes",
                                     entry_size);
        if (!read_build_id(file, bytes + done, entry_size))
            return false;
        done += entry_size;
    }
    return true;
}

/* As uname tells it, where the recording has it. */
static bool take_machine(struct perf_file *file, const char *machine)
{
    if (strcmp(machine, "aarch64") == 0 || strcmp(machine, "arm64") == 0)
        file->machine = EM_AARCH64;
    else if (*machine && strcmp(machine, "x86_64") != 0) {
        error_set(file->bytes.error, ERROR_MACHINE, file->bytes.path, "recorded on %s", machine);
        return false;
    }
    return true;
}

static bool read_feature(struct perf_file *file, uint64_t feature, const uint8_t *bytes,
                         size_t size, uint64_t offset)
{
    char machine[32] = "";
    switch (feature) {
    case FEATURE_BUILD_ID:
        return read_build_ids(file, bytes, size, offset);
    case FEATURE_HOST:
        read_text(bytes, size, file->host, sizeof(file->host));
        return true;
    case FEATURE_MACHINE:
        read_text(bytes, size, machine, sizeof(machine));
        return take_machine(file, machine);
    case FEATURE_COMMAND_LINE:
        for (size_t done = 4, used = 1; used > 0 && done < size; done += used)
            used = read_text(bytes + done, size - done, file->command_line,
                             sizeof(file->command_line));
        return true;
    default:
        return true;
    }
}

/* The description of the feature is at `place`. */
static bool read_feature_at(struct perf_file *file, unsigned feature, uint64_t place,
                            uint64_t offset, uint64_t size)
{
    if (!perf_check_section(file, place, offset, size, "a feature"))
        return false;
    if (size > FEATURE_LIMIT)
        return byte_file_garbled(&file->bytes, place, "feature %u of %" PRIu64 " bytes", feature,
                                 size);
    uint8_t *copy = malloc(size + 1);
    if (!copy)
        return memory_exhausted(file->bytes.error);
    bool done = byte_file_read(&file->bytes, offset, copy, size) &&
                read_feature(file, feature, copy, (size_t)size, offset);
    free(copy);
    return done;
}

/* Which features there are is a bitmap in the header; where they are follows the records. */
static bool read_features(struct perf_file *file, const uint64_t *bitmap, uint64_t table)
{
    for (unsigned feature = 0; feature < FEATURES; feature++) {
        if (!(bitmap[feature / 64] >> feature % 64 & 1))
            continue;
        const uint8_t *section = perf_bytes_at(file, table, 16);
        if (!section)
            return false;
        bool is_wanted = feature == FEATURE_BUILD_ID || feature == FEATURE_HOST ||
                         feature == FEATURE_MACHINE || feature == FEATURE_COMMAND_LINE;
        if (is_wanted &&
            !read_feature_at(file, feature, table, perf_get64(section), perf_get64(section + 8)))
            return false;
        table += 16;
    }
    return true;
}

/* --- records: which there are ------------------------------------------------------------- */

static bool note_record(struct perf_file *file, const uint8_t *record, size_t size, uint64_t offset)
{
    if (file->event_count == 0)
        return byte_file_garbled(&file->bytes, offset, "a record comes before the events");
    if (!memory_reserve(&file->records, &file->record_capacity, file->record_count + 1,
                        sizeof(*file->records), file->bytes.error))
        return false;
    file->records[file->record_count++] = (struct perf_record_place){
        perf_record_time(perf_event_of(file, record, size), record, size), offset};
    return true;
}

static bool index_record(struct perf_file *file, const uint8_t *record, size_t size,
                         uint64_t offset, uint64_t *extra);

/* Indexes the records in a compressed one, which holds no compressed ones. */
static bool unpack(struct perf_file *file, const uint8_t *bytes, size_t size, uint64_t offset)
{
    struct perf_part *part = perf_part_at(file, offset);
    uint64_t part_begin = offset & ~PERF_OFFSET_IN_PART;
    const uint8_t *record;
    uint64_t place, extra;
    bool garbled;
    if (offset >= PERF_PACKED_OFFSET)
        return perf_garbled(file, offset, "compressed twice");
    if (!part->packed)
        part->packed = perf_packed_new(part->path, file->bytes.error);
    if (!part->packed ||
        !perf_packed_add(part->packed, bytes, size, offset - part_begin, file->bytes.error))
        return false;
    while ((record = perf_packed_next(part->packed, &size, &place, &garbled))) {
        if (!index_record(file, record, size, PERF_PACKED_OFFSET + part_begin + place, &extra))
            return false;
    }
    return !garbled || perf_garbled(file, offset, "a compressed record has less than 8 bytes");
}

/* Reads records whose order does not matter and notes the others.  `extra`: bytes after it. */
static bool index_record(struct perf_file *file, const uint8_t *record, size_t size,
                         uint64_t offset, uint64_t *extra)
{
    uint64_t content;
    *extra = 0;
    switch (perf_get32(record)) {
    case PERF_RECORD_MMAP:
    case PERF_RECORD_MMAP2:
    case PERF_RECORD_COMM:
    case PERF_RECORD_FORK:
    case PERF_RECORD_SAMPLE:
        return note_record(file, record, size, offset);
    case RECORD_ATTRIBUTE:
        if (!read_attribute_record(file, record, size, offset))
            return false;
        perf_sort_event_ids(file);
        return true;
    case RECORD_BUILD_ID:
        return read_build_id(file, record, size);
    case RECORD_FEATURE:
        return size < 16 ||
               read_feature(file, perf_get64(record + 8), record + 16, size - 16, offset + 16);
    case RECORD_TRACING_DATA:
        /* perf's follows the record, simpleperf's is in it. */
        *extra = size >= 12 && size <= 16 ? ((uint64_t)perf_get32(record + 8) + 7) / 8 * 8 : 0;
        return true;
    case RECORD_AUXTRACE:
        *extra = size >= 16 ? perf_get64(record + 8) : 0;
        file->sink.left_out.traces++;
        return true;
    case PERF_RECORD_LOST: /* of which event, and how many */
        file->sink.left_out.lost += size >= 24 ? perf_get64(record + 16) : 0;
        return true;
    case PERF_RECORD_LOST_SAMPLES:
        file->sink.left_out.lost += size >= 16 ? perf_get64(record + 8) : 0;
        return true;
    case RECORD_COMPRESSED:
        return unpack(file, record + 8, size - 8, offset);
    case RECORD_COMPRESSED2: /* which tells its size, as records are padded */
        content = size >= 16 ? perf_get64(record + 8) : 0;
        return size >= 16 && content <= size - 16
                   ? unpack(file, record + 16, (size_t)content, offset)
                   : perf_garbled(file, offset, "compressed record of %zu bytes", size);
    default:
        return true;
    }
}

/* Those of one part, from `offset` on, up to `end` of the part. */
static bool index_records(struct perf_file *file, uint64_t offset, uint64_t end)
{
    uint64_t part_size = perf_part_at(file, offset)->bytes.size;
    uint64_t begin = offset & ~PERF_OFFSET_IN_PART;
    uint64_t extra;
    end += begin;
    part_size += begin;
    while (offset < end) {
        bool is_cut = end - offset < 8;
        const uint8_t *record = is_cut ? NULL : perf_bytes_at(file, offset, 8);
        size_t size = record ? perf_get16(record + 6) : 0;
        progress_step("finding records", offset - begin, end - begin);
        bool is_open = file->was_not_ended || file->is_pipe;
        if (is_open && (is_cut || size > end - offset)) {
            file->sink.left_out.cut_bytes += end - offset;
            return true;
        }
        if (is_cut)
            record = perf_bytes_at(file, offset, 8);
        if (!record)
            return false;
        if (size < 8)
            return perf_garbled(file, offset, "record of %zu bytes", size);
        if (size > end - offset && end < part_size)
            return perf_garbled(file, offset, "record of %zu bytes, %" PRIu64 " are left", size,
                                end - offset);
        record = perf_bytes_at(file, offset, size);
        if (!record || !index_record(file, record, size, offset, &extra))
            return false;
        offset += size;
        if (extra > part_size - begin || (extra > end - offset && end < part_size))
            return perf_garbled(file, offset - size, "%" PRIu64 " bytes of data after it", extra);
        offset += extra;
    }
    return true;
}

/* --- the whole file ------------------------------------------------------------------ */

static uint32_t sampler_of(const struct perf_event *event)
{
    if (event->sample_type & PERF_SAMPLE_BRANCH_STACK)
        return PGORAW_SAMPLER_HARDWARE_BRANCHES;
    if (event->type == PERF_TYPE_HARDWARE && event->config == PERF_COUNT_HW_CPU_CYCLES)
        return PGORAW_SAMPLER_HARDWARE;
    if (event->type == PERF_TYPE_SOFTWARE &&
        (event->config == PERF_COUNT_SW_CPU_CLOCK || event->config == PERF_COUNT_SW_TASK_CLOCK))
        return PGORAW_SAMPLER_CPU_CLOCK;
    return PGORAW_SAMPLER_NONE;
}

static bool add_recording(struct perf_file *file)
{
    const struct perf_event *event = &file->events[0];
    uint32_t process;
    const char *program = perf_spaces_program(file->sink.spaces, &process);
    uint32_t sampler = sampler_of(event);
    bool has_branches = sampler == PGORAW_SAMPLER_HARDWARE_BRANCHES;
    char why[PERF_NOTES_SIZE];
    snprintf(why, sizeof(why), "%s", perf_spaces_notes(file->sink.spaces));
    for (size_t i = 0; i < file->event_count; i++)
        file->sink.left_out.events += file->events[i].has_samples;
    perf_left_out_describe(&file->sink.left_out, file->was_not_ended, why, sizeof(why));
    file->sink.counters[PGORAW_COUNT_DROP_RING_FULL] = file->sink.left_out.lost;
    struct recording recording = {
        .file = (char *)file->bytes.path,
        .program = program ? (char *)program : "",
        .command_line = file->command_line,
        .host = file->host,
        .why = why,
        .sampler = sampler,
        .branch_source = has_branches ? PGORAW_BRANCHES_HARDWARE : PGORAW_BRANCHES_OFF,
        .machine = file->machine,
        .stack_interval = (event->sample_type & PERF_SAMPLE_CALLCHAIN) != 0,
        .period_ns = sampler == PGORAW_SAMPLER_CPU_CLOCK ? event->period : 0,
        .process_id = (int32_t)process,
        .counters = file->sink.counters,
    };
    return profile_add_recording(file->sink.counts.profile, &recording, file->bytes.error);
}

/* In a file, what precedes the records says where everything is. */
static bool read_sections(struct perf_file *file, uint64_t *data, uint64_t *data_end)
{
    const uint8_t *header = perf_bytes_at(file, 0, FILE_HEADER_SIZE);
    uint64_t bitmap[4];
    if (!header)
        return false;
    uint64_t entry_size = perf_get64(header + 16);
    uint64_t attributes = perf_get64(header + 24);
    uint64_t attributes_size = perf_get64(header + 32);
    uint64_t data_size = perf_get64(header + 48);
    *data = perf_get64(header + 40);
    memcpy(bitmap, header + 72, sizeof(bitmap));
    file->was_not_ended = data_size == 0;
    if (file->was_not_ended && *data < file->bytes.size)
        data_size = file->bytes.size - *data;
    if (!perf_check_section(file, 24, attributes, attributes_size, "the list of events") ||
        !perf_check_section(file, 40, *data, data_size, "the data"))
        return false;
    *data_end = *data + data_size;
    return read_attributes(file, attributes, attributes_size, entry_size) &&
           (file->was_not_ended || read_features(file, bitmap, *data_end));
}

static bool check_packed(const struct perf_file *file)
{
    for (size_t i = 0; i < file->part_count; i++) {
        const struct perf_part *part = &file->parts[i];
        if (!part->packed || perf_packed_is_over(part->packed) || file->was_not_ended ||
            file->sink.left_out.cut_bytes > 0)
            continue;
        error_set(file->bytes.error, ERROR_RAW_TRUNCATED, part->path,
                  "its compressed records end in the middle of one");
        return false;
    }
    return true;
}

/* Which the threads of perf record --threads wrote: records without a header. */
static bool index_other_parts(struct perf_file *file)
{
    for (size_t i = 1; i < file->part_count; i++)
        if (!index_records(file, (uint64_t)i << PERF_PART_BITS, file->parts[i].bytes.size))
            return false;
    return check_packed(file);
}

static bool read_file(struct perf_file *file)
{
    uint64_t data = PIPE_HEADER_SIZE;
    const uint8_t *header = perf_bytes_at(file, 0, PIPE_HEADER_SIZE);
    if (!header)
        return false;
    if (memcmp(header, MAGIC, 8) != 0) {
        error_set(file->bytes.error, ERROR_NOT_RAW_PROFILE, file->bytes.path,
                  "byte 0: another kind of file begins there");
        return false;
    }
    uint64_t end = file->bytes.size;
    uint64_t header_size = perf_get64(header + 8);
    if (header_size != PIPE_HEADER_SIZE && header_size != FILE_HEADER_SIZE)
        return byte_file_garbled(&file->bytes, 8, "header of %" PRIu64 " bytes", header_size);
    file->is_pipe = header_size == PIPE_HEADER_SIZE;
    if (!file->is_pipe && !read_sections(file, &data, &end))
        return false;
    perf_sort_event_ids(file);
    if (!index_records(file, data, end) || !index_other_parts(file))
        return false;
    if (file->was_not_ended && file->record_count == 0) {
        error_set(file->bytes.error, ERROR_RAW_TRUNCATED, file->bytes.path,
                  "byte 48: perf record was not ended properly, and there are no records");
        return false;
    }
    if (!perf_apply_records(file))
        return false;
    if (file->event_count == 0)
        return byte_file_garbled(&file->bytes, PIPE_HEADER_SIZE, "it has no events");
    return add_recording(file);
}

/* A file, or the directory that perf record --threads makes: "data", "data.0", "data.1" … */
static bool open_parts(struct perf_file *file, const char *path)
{
    char name[PATH_MAX];
    if (!file_is_directory(path))
        return perf_add_part(file, path);
    for (int part = -1; part < PERF_PART_LIMIT - 1; part++) {
        int length = part < 0 ? snprintf(name, sizeof(name), "%s/data", path)
                              : snprintf(name, sizeof(name), "%s/data.%d", path, part);
        if (length >= (int)sizeof(name) || (part >= 0 && access(name, F_OK) != 0))
            break;
        if (!perf_add_part(file, name))
            return false;
    }
    return file->part_count > 0;
}

static bool read_perf_data(const char *path, const struct profile_filter *filter,
                           struct profile *into, struct error *error)
{
    struct perf_file file = {.is_sequential = true,
                             .machine = EM_X86_64,
                             .sink = {.counts = {.profile = into}},
                             .threads = {.filter = filter}};
    file.bytes.error = error;
    if (!open_parts(&file, path)) {
        perf_free_parts(&file);
        return false;
    }
    file.bytes = file.parts[0].bytes;
    file.sink.spaces = perf_spaces_new(path, into, error);
    file.window = malloc(PERF_WINDOW_SIZE);
    if (!file.window)
        memory_exhausted(error);
    bool done = file.sink.spaces && file.window && read_file(&file);
    perf_free_parts(&file);
    perf_counts_free(&file.sink.counts);
    perf_spaces_free(file.sink.spaces);
    perf_threads_free(&file.threads);
    free(file.window);
    free(file.events);
    free(file.ids);
    free(file.records);
    return done;
}

static bool fits(const struct file_head *head)
{
    return head->size >= sizeof(MAGIC) - 1 && memcmp(head->bytes, MAGIC, sizeof(MAGIC) - 1) == 0;
}

const struct reader reader_perf_data = {
    .name = "perf.data",
    .kind = PROFILE_BY_ADDRESS,
    .takes_filter = true,
    .fits = fits,
    .read = read_perf_data,
};
