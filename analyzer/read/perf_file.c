#include "analyzer/read/perf_file.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

#define EVENT_LIMIT 4096

/* --- bytes ------------------------------------------------------------------------- */

const uint8_t *perf_bytes_at(struct perf_file *file, uint64_t offset, size_t size)
{
    size_t wanted = file->is_sequential ? PERF_WINDOW_SIZE : size;
    const struct perf_part *part = perf_part_at(file, offset);
    struct byte_file source = part->bytes;
    uint64_t place = offset & PERF_OFFSET_IN_PART;
    if (offset >= file->window_offset && offset - file->window_offset <= file->window_size &&
        size <= file->window_size - (offset - file->window_offset))
        return file->window + (offset - file->window_offset);
    if (offset >= PERF_PACKED_OFFSET)
        source.descriptor = perf_packed_descriptor(part->packed);
    if (!byte_file_read_part(&source, place, file->window, wanted, &file->window_size))
        return NULL;
    file->window_offset = offset;
    if (file->window_size >= size)
        return file->window;
    byte_file_ends_early(&source, place + file->window_size, size - file->window_size);
    return NULL;
}

struct perf_part *perf_part_at(const struct perf_file *file, uint64_t offset)
{
    size_t part = (offset & ~PERF_PACKED_OFFSET) >> PERF_PART_BITS;
    return &file->parts[part < file->part_count ? part : 0];
}

bool perf_add_part(struct perf_file *file, const char *path)
{
    struct error *error = file->bytes.error;
    struct perf_part part = {.path = memory_copy_text(path, error)};
    if (!part.path || !memory_reserve(&file->parts, &file->part_capacity, file->part_count + 1,
                                      sizeof(*file->parts), error)) {
        free(part.path);
        return false;
    }
    if (!byte_file_open(&part.bytes, part.path, error)) {
        free(part.path);
        return false;
    }
    file->parts[file->part_count++] = part;
    return true;
}

void perf_free_parts(struct perf_file *file)
{
    for (size_t i = 0; i < file->part_count; i++) {
        byte_file_close(&file->parts[i].bytes);
        perf_packed_free(file->parts[i].packed);
        free(file->parts[i].path);
    }
    free(file->parts);
}

bool perf_garbled(const struct perf_file *file, uint64_t offset, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return byte_file_garbled(&perf_part_at(file, offset)->bytes, offset & PERF_OFFSET_IN_PART, "%s",
                             what);
}

bool perf_check_section(struct perf_file *file, uint64_t place, uint64_t offset, uint64_t size,
                        const char *what)
{
    uint64_t end;
    if (__builtin_add_overflow(offset, size, &end) || end > INT64_MAX)
        return byte_file_garbled(&file->bytes, place, "%s of %" PRIu64 " bytes at %" PRIu64, what,
                                 size, offset);
    if (end <= file->bytes.size)
        return true;
    error_set(file->bytes.error, ERROR_RAW_TRUNCATED, file->bytes.path,
              "byte %" PRIu64 ": %s ends at byte %" PRIu64 ", the file at %" PRIu64, place, what,
              end, file->bytes.size);
    return false;
}

void perf_add_text(char *copy, size_t copy_size, const uint8_t *text, size_t size)
{
    size_t used = strlen(copy);
    const char *blank = used > 0 ? " " : "";
    size = strnlen((const char *)text, size);
    snprintf(copy + used, copy_size - used, "%s%.*s", blank, (int)size, (const char *)text);
}

/* --- events ------------------------------------------------------------------------ */

bool perf_add_event(struct perf_file *file, const uint8_t *bytes, size_t size)
{
    struct perf_event_attr attributes = {0};
    if (file->event_count == EVENT_LIMIT) {
        error_set(file->bytes.error, ERROR_RAW_GARBLED, file->bytes.path,
                  "it has more than %d events", EVENT_LIMIT);
        return false;
    }
    if (!memory_reserve(&file->events, &file->event_capacity, file->event_count + 1,
                        sizeof(*file->events), file->bytes.error))
        return false;
    memcpy(&attributes, bytes, size < sizeof(attributes) ? size : sizeof(attributes));
    file->events[file->event_count++] = (struct perf_event){
        .type = attributes.type,
        .config = attributes.config,
        .period = attributes.freq ? 0 : attributes.sample_period,
        .sample_type = attributes.sample_type,
        .read_format = attributes.read_format,
        .branch_type = attributes.branch_sample_type,
        .has_trailer = attributes.sample_id_all,
    };
    return true;
}

bool perf_add_event_id(struct perf_file *file, uint64_t id)
{
    if (!memory_reserve(&file->ids, &file->id_capacity, file->id_count + 1, sizeof(*file->ids),
                        file->bytes.error))
        return false;
    file->ids[file->id_count++] = (struct perf_event_id){id, (uint32_t)file->event_count - 1};
    return true;
}

static int compare_ids(const void *left, const void *right)
{
    const struct perf_event_id *a = left;
    const struct perf_event_id *b = right;
    return (a->id > b->id) - (a->id < b->id);
}

void perf_sort_event_ids(struct perf_file *file)
{
    if (file->id_count > 0)
        qsort(file->ids, file->id_count, sizeof(*file->ids), compare_ids);
}

const struct perf_event *perf_event_of(const struct perf_file *file, const uint8_t *record,
                                       size_t size)
{
    struct perf_event_id key = {0};
    const struct perf_event_id *found = NULL;
    if (file->event_count > 1)
        key.id = perf_record_event_id(&file->events[0], record, size);
    if (key.id != 0 && file->id_count > 0)
        found = bsearch(&key, file->ids, file->id_count, sizeof(key), compare_ids);
    return &file->events[found ? found->event : 0];
}
