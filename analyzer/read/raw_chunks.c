#include "analyzer/read/raw_chunks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

#define BLOCK_SIZE 65536
/* Chunks larger than this are searched for holes, so that a sparse file of any size ends. */
#define HOLE_SEARCH_SIZE (64u << 20)

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
    case PGORAW_CHUNK_ORIGINS:
        return sizeof(struct pgoraw_origin);
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
        return byte_file_garbled(&file->file, slot_offset(slot),
                                 "chunk %u has entries of %" PRIu32 " bytes", slot,
                                 chunk->entry_size);
    if (__builtin_mul_overflow((uint64_t)chunk->entry_size, chunk->entry_count, &bytes) ||
        __builtin_add_overflow(bytes, chunk->offset, &end) || end > INT64_MAX)
        return byte_file_garbled(&file->file, slot_offset(slot),
                                 "chunk %u has %" PRIu64 " entries at %" PRIu64, slot,
                                 chunk->entry_count, chunk->offset);
    if (chunk->offset < PGORAW_HEADER_SIZE)
        return byte_file_garbled(&file->file, slot_offset(slot),
                                 "chunk %u begins inside the header", slot);
    if (end > file->file.size && file->file.size < file->header.reserved_size) {
        error_set(file->file.error, ERROR_RAW_TRUNCATED, file->file.path,
                  "%" PRIu64 " of %" PRIu64 " bytes, chunk %u ends at byte %" PRIu64,
                  file->file.size, file->header.reserved_size, slot, end);
        return false;
    }
    if (end > file->file.size)
        return byte_file_garbled(&file->file, slot_offset(slot),
                                 "chunk %u ends at byte %" PRIu64 ", the file at %" PRIu64, slot,
                                 end, file->file.size);
    for (unsigned other = 0; other < slot; other++) {
        const struct pgoraw_chunk *before = &file->header.chunks[other];
        if (entry_size_of(before->kind) == 0)
            continue;
        if (chunk->offset < before->offset + before->entry_count * before->entry_size &&
            before->offset < end)
            return byte_file_garbled(&file->file, slot_offset(slot), "chunks %u and %u overlap",
                                     other, slot);
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
        error_set(file->file.error, ERROR_RAW_VERSION, file->file.path,
                  "byte %zu: version %" PRIu32 ", this program reads %u",
                  offsetof(struct pgoraw_header, version), header->version, PGORAW_VERSION);
        return false;
    }
    if (header->header_size != PGORAW_HEADER_SIZE)
        return byte_file_garbled(&file->file, offsetof(struct pgoraw_header, header_size),
                                 "header of %" PRIu32 " bytes", header->header_size);
    for (unsigned slot = 0; slot < PGORAW_MAX_CHUNKS; slot++) {
        if (entry_size_of(header->chunks[slot].kind) > 0 && !check_chunk(file, slot))
            return false;
    }
    if (raw_chunks_entry_total(file, PGORAW_CHUNK_STACKS) >= UINT32_MAX)
        return byte_file_garbled(&file->file, slot_offset(0),
                                 "too many call stack nodes for their numbers");
    return true;
}

bool raw_chunks_read_header(struct raw_chunks *file)
{
    if (!byte_file_read(&file->file, 0, &file->header, sizeof(file->header)) ||
        !byte_file_measure(&file->file))
        return false;
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
            off_t data = lseek(file->file.descriptor, (off_t)offset, SEEK_DATA);
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
        if (!byte_file_read(&file->file, offset, block, entries * chunk->entry_size))
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
        memory_exhausted(file->file.error);
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
    char magic[8];
    size_t size;

    if (!byte_file_read_part(&file->file, 0, magic, sizeof(magic), &size))
        return false;
    if (size == 0 || memcmp(magic, PGORAW_MAGIC, size) != 0) {
        error_set(file->file.error, ERROR_NOT_RAW_PROFILE, file->file.path, "%s",
                  size == 0 ? "it is empty" : "byte 0: another kind of file begins there");
        return false;
    }
    if (file->file.size < PGORAW_HEADER_SIZE) {
        error_set(file->file.error, ERROR_RAW_TRUNCATED, file->file.path,
                  "%" PRIu64 " of %u header bytes", file->file.size, PGORAW_HEADER_SIZE);
        return false;
    }
    return true;
}

bool raw_chunks_open(struct raw_chunks *file, const char *path, struct error *error)
{
    *file = (struct raw_chunks){0};
    if (!byte_file_open(&file->file, path, error))
        return false;
    if (check_kind_of_file(file) && raw_chunks_read_header(file))
        return true;
    raw_chunks_close(file);
    return false;
}

void raw_chunks_close(struct raw_chunks *file)
{
    byte_file_close(&file->file);
}
