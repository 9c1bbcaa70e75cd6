#include "analyzer/read/perf_records.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"

#define MISC_MMAP_BUILD_ID (1u << 14)

/* The text at the end of a record; `begin` is where it starts. */
static void record_text(const struct perf_event *event, const uint8_t *record, size_t size,
                        size_t begin, char *text, size_t text_size)
{
    size_t trailer = perf_trailer_size(event);
    *text = '\0';
    if (begin + trailer < size)
        perf_add_text(text, text_size, record + begin, size - trailer - begin);
}

/* The process, the thread, start, length and offset; MMAP2 then has the inode or a build-id. */
static bool apply_mapping(struct perf_file *file, const struct perf_event *event,
                          const uint8_t *record, size_t size, uint64_t offset)
{
    bool is_second = perf_get32(record) == PERF_RECORD_MMAP2;
    uint16_t misc = perf_get16(record + 4);
    size_t path_begin = is_second ? 72 : 40;
    char path[4096];
    if (size < path_begin)
        return perf_garbled(file, offset, "mapping record of %zu bytes", size);
    struct perf_mapping mapping = {
        .process = perf_get32(record + 8),
        .start = perf_get64(record + 16),
        .length = perf_get64(record + 24),
        .offset = perf_get64(record + 32),
        .path = path,
    };
    if (misc & PERF_RECORD_MISC_MMAP_DATA || perf_is_kernel(mapping.start) ||
        (is_second && !(perf_get32(record + 64) & 4))) /* PROT_EXEC */
        return true;
    if (is_second && misc & MISC_MMAP_BUILD_ID && record[40] <= 20) {
        mapping.build_id = record + 44;
        mapping.build_id_size = record[40];
    }
    record_text(event, record, size, path_begin, path, sizeof(path));
    return perf_map(file->sink.spaces, &mapping, file->bytes.error);
}

static bool count_branches(struct perf_file *file, const struct perf_sample *sample)
{
    struct perf_branch_place next = {0};
    for (size_t i = 0; i < sample->branch_count; i++) {
        const uint8_t *entry = sample->branches + i * PERF_BRANCH_SIZE;
        if (!perf_sink_branch(&file->sink, sample->process, perf_get64(entry),
                              perf_get64(entry + 8), &next, file->bytes.error))
            return false;
    }
    return true;
}

/* The kernel's part of a call chain is left out; what follows a marker is of its kind. */
static bool count_stack(struct perf_file *file, const struct perf_sample *sample)
{
    uint64_t frames[PERF_MAX_STACK_DEPTH];
    size_t count = 0;
    bool is_user = true;
    for (size_t i = 0; i < sample->callchain_count; i++) {
        uint64_t address = perf_get64(sample->callchain + 8 * i);
        if (address >= (uint64_t)PERF_CONTEXT_MAX)
            is_user = address == (uint64_t)PERF_CONTEXT_USER;
        else if (is_user && !perf_is_kernel(address) && count < PERF_MAX_STACK_DEPTH)
            frames[count++] = address;
    }
    return perf_sink_stack(&file->sink, sample->process, frames, count, file->bytes.error);
}

static bool apply_sample(struct perf_file *file, const struct perf_event *event,
                         const uint8_t *record, size_t size, uint64_t offset)
{
    struct perf_sample sample;
    unsigned mode = perf_get16(record + 4) & PERF_RECORD_MISC_CPUMODE_MASK;
    if (!perf_sample_read(event, record, size, &sample))
        return perf_garbled(file, offset, "sample of %zu bytes is too short for its event", size);
    if (!perf_threads_wants(&file->threads, sample.process, sample.thread))
        return true;
    if (mode == PERF_RECORD_MISC_GUEST_KERNEL || mode == PERF_RECORD_MISC_GUEST_USER ||
        mode == PERF_RECORD_MISC_HYPERVISOR) {
        file->sink.left_out.in_guests++;
        return true;
    }
    file->events[event - file->events].has_samples = true;
    bool has_address = event->sample_type & PERF_SAMPLE_IP;
    /* Kernels of 32 bits have no addresses of their own. */
    bool is_kernel =
        has_address && (mode == PERF_RECORD_MISC_KERNEL || perf_is_kernel(sample.address));
    file->sink.left_out.in_kernel += is_kernel;
    file->sink.left_out.without_address += !has_address && sample.branch_count == 0;
    if (has_address && !is_kernel &&
        (!perf_sink_sample(&file->sink, sample.process, sample.address, file->bytes.error) ||
         !count_stack(file, &sample)))
        return false;
    return count_branches(file, &sample) && perf_sink_end_sample(&file->sink, file->bytes.error);
}

/* The process, the thread, and what it is called from now on, perhaps by an exec. */
static bool apply_name(struct perf_file *file, const struct perf_event *event,
                       const uint8_t *record, size_t size)
{
    char name[256];
    record_text(event, record, size, 16, name, sizeof(name));
    return perf_threads_name(&file->threads, perf_get32(record + 12), name, strlen(name),
                             file->bytes.error) &&
           (!(perf_get16(record + 4) & PERF_RECORD_MISC_COMM_EXEC) ||
            perf_exec(file->sink.spaces, perf_get32(record + 8), file->bytes.error));
}

/* The process, its parent, the thread and the one that made it. */
static bool apply_fork(struct perf_file *file, const uint8_t *record)
{
    return perf_threads_fork(&file->threads, perf_get32(record + 16), perf_get32(record + 20),
                             file->bytes.error) &&
           perf_fork(file->sink.spaces, perf_get32(record + 8), perf_get32(record + 12),
                     file->bytes.error);
}

/*
 * EXIT is not acted upon: samples of the process's other threads may follow,
 * and whoever gets its number next begins with FORK.
 */
static bool apply_record(struct perf_file *file, uint64_t offset)
{
    const uint8_t *record = perf_bytes_at(file, offset, 8);
    size_t size = record ? perf_get16(record + 6) : 0;
    if (!record || !(record = perf_bytes_at(file, offset, size)))
        return false;
    const struct perf_event *event = perf_event_of(file, record, size);
    switch (perf_get32(record)) {
    case PERF_RECORD_MMAP:
    case PERF_RECORD_MMAP2:
        return apply_mapping(file, event, record, size, offset);
    case PERF_RECORD_COMM:
        return size < 16 || apply_name(file, event, record, size);
    case PERF_RECORD_FORK:
        return size < 24 || apply_fork(file, record);
    default:
        return apply_sample(file, event, record, size, offset);
    }
}

static int compare_records(const void *left, const void *right)
{
    const struct perf_record_place *a = left;
    const struct perf_record_place *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

bool perf_apply_records(struct perf_file *file)
{
    if (file->record_count > 0)
        qsort(file->records, file->record_count, sizeof(*file->records), compare_records);
    file->is_sequential = false;
    for (size_t i = 0; i < file->record_count; i++) {
        progress_step("reading samples", i, file->record_count);
        if (!apply_record(file, file->records[i].offset))
            return false;
    }
    return true;
}
