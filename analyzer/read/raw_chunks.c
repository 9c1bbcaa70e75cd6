#include "analyzer/read/raw_chunks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

#define BLOCK_SIZE 65536
/* Chunks larger than this are searched for holes, so that a sparse file of any size ends. */
#define HOLE_SEARCH_SIZE (64u << 20)

bool raw_chunks_garbled(struct raw_chunks *file, uint64_t offset, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    error_set(file->error, ERROR_RAW_GARBLED, file->path, "byte %" PRIu64 ": %s", offset, what);
    return false;
}

static bool read_at(struct raw_chunks *file, uint64_t offset, void *buffer, size_t size)
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

static bool check_chunk(struct raw_chunks *file, unsigned slot)
{
    const struct pgoraw_chunk *chunk = &file->header.chunks[slot];
    uint64_t bytes, end;

    if (chunk->entry_size < entry_size_of(chunk->kind) || chunk->entry_size > BLOCK_SIZE)
        return raw_chunks_garbled(file, slot_offset(slot),
                                  "chunk %u has entries of %" PRIu32 " bytes", slot,
                                  chunk->entry_size);
    if (__builtin_mul_overflow((uint64_t)chunk->entry_size, chunk->entry_count, &bytes) ||
        __builtin_add_overflow(bytes, chunk->offset, &end) || end > INT64_MAX)
        return raw_chunks_garbled(file, slot_offset(slot),
                                  "chunk %u has %" PRIu64 " entries at %" PRIu64, slot,
                                  chunk->entry_count, chunk->offset);
    if (chunk->offset < PGORAW_HEADER_SIZE)
        return raw_chunks_garbled(file, slot_offset(slot), "chunk %u begins inside the header",
                                  slot);
    if (end > file->size && file->size < file->header.reserved_size) {
        error_set(file->error, ERROR_RAW_TRUNCATED, file->path,
                  "%" PRIu64 " of %" PRIu64 " bytes, chunk %u ends at byte %" PRIu64, file->size,
                  file->header.reserved_size, slot, end);
        return false;
    }
    if (end > file->size)
        return raw_chunks_garbled(file, slot_offset(slot),
                                  "chunk %u ends at byte %" PRIu64 ", the file at %" PRIu64, slot,
                                  end, file->size);
    for (unsigned other = 0; other < slot; other++) {
        const struct pgoraw_chunk *before = &file->header.chunks[other];
        if (entry_size_of(before->kind) == 0)
            continue;
        if (chunk->offset < before->offset + before->entry_count * before->entry_size &&
            before->offset < end)
            return raw_chunks_garbled(file, slot_offset(slot), "chunks %u and %u overlap", other,
                                      slot);
    }
    return true;
}

uint64_t raw_chunks_entry_total(const struct raw_chunks *file, uint32_t kind)
{
    uint64_t total = 0;
    for (unsigned slot = 0; slot < PGORAW_MAX_CHUNKS; slot++) {
        if (file->header.chunks[slot].kind == kind)
            total = count_add(total, file->header.chunks[slot].entry_count);
    }
    return total;
}

static bool check_header(struct raw_chunks *file)
{
    const struct pgoraw_header *header = &file->header;
    if (header->version != PGORAW_VERSION) {
        error_set(file->error, ERROR_RAW_VERSION, file->path,
                  "byte %zu: version %" PRIu32 ", this program reads %u",
                  offsetof(struct pgoraw_header, version), header->version, PGORAW_VERSION);
        return false;
    }
    if (header->header_size != PGORAW_HEADER_SIZE)
        return raw_chunks_garbled(file, offsetof(struct pgoraw_header, header_size),
                                  "header of %" PRIu32 " bytes", header->header_size);
    for (unsigned slot = 0; slot < PGORAW_MAX_CHUNKS; slot++) {
        if (entry_size_of(header->chunks[slot].kind) > 0 && !check_chunk(file, slot))
            return false;
    }
    if (raw_chunks_entry_total(file, PGORAW_CHUNK_STACKS) >= UINT32_MAX)
        return raw_chunks_garbled(file, slot_offset(0),
                                  "too many call stack nodes for their numbers");
    return true;
}

bool raw_chunks_read_header(struct raw_chunks *file)
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

static bool read_chunk(struct raw_chunks *file, const struct pgoraw_chunk *chunk,
                       uint64_t first_number, raw_entry_reader *reader, void *reader_data,
                       uint8_t *block)
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
            if (!reader(reader_data, block + i * chunk->entry_size, first_number + done + i,
                        offset + i * chunk->entry_size))
                return false;
        }
        done += entries;
    }
    return true;
}

bool raw_chunks_read_kind(struct raw_chunks *file, uint32_t kind, raw_entry_reader *reader,
                          void *reader_data)
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
        done = read_chunk(file, &chunk, first_number, reader, reader_data, block);
        first_number += chunk.entry_count;
    }
    free(block);
    return done;
}

/* --- the file ----------------------------------------------------------------- */

static bool check_kind_of_file(struct raw_chunks *file)
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
    return true;
}

bool raw_chunks_open(struct raw_chunks *file, const char *path, struct error *error)
{
    *file = (struct raw_chunks){.path = path, .error = error};
    file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->descriptor < 0) {
        error_set_errno(error, ERROR_OPEN, path);
        return false;
    }
    if (check_kind_of_file(file) && raw_chunks_read_header(file))
        return true;
    raw_chunks_close(file);
    return false;
}

void raw_chunks_close(struct raw_chunks *file)
{
    close(file->descriptor);
}
