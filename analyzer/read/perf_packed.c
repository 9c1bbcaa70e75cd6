#include "analyzer/read/perf_packed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "analyzer/base/memory.h"
#include "analyzer/read/perf_sample.h"

/* Records never compress better than this; a file that claims to would fill the disk. */
#define RATIO_LIMIT 1000

struct perf_packed {
    const char *path;
    FILE *file;
    ZSTD_DStream *stream;
    uint64_t packed_size; /* bytes that came in */
    uint64_t size;        /* bytes that came out */
    uint8_t *bytes;       /* those that were not handed out yet */
    size_t count, capacity, taken;
};

struct perf_packed *perf_packed_new(const char *path, struct error *error)
{
    struct perf_packed *packed = calloc(1, sizeof(*packed));
    if (!packed) {
        memory_exhausted(error);
        return NULL;
    }
    packed->path = path;
    packed->stream = ZSTD_createDStream();
    packed->file = packed->stream ? tmpfile() : NULL;
    if (packed->file)
        return packed;
    if (packed->stream)
        error_set_errno(error, ERROR_SYSTEM, "a temporary file");
    else
        memory_exhausted(error);
    perf_packed_free(packed);
    return NULL;
}

void perf_packed_free(struct perf_packed *packed)
{
    if (!packed)
        return;
    if (packed->file)
        fclose(packed->file);
    ZSTD_freeDStream(packed->stream);
    free(packed->bytes);
    free(packed);
}

int perf_packed_descriptor(const struct perf_packed *packed)
{
    fflush(packed->file);
    return fileno(packed->file);
}

static bool garbled(const struct perf_packed *packed, uint64_t offset, const char *what,
                    struct error *error)
{
    error_set(error, ERROR_RAW_GARBLED, packed->path, "byte %" PRIu64 ": %s", offset, what);
    return false;
}

/* Keeps `size` more bytes, which are at the end of the array already. */
static bool keep(struct perf_packed *packed, size_t size, struct error *error)
{
    if (fwrite(packed->bytes + packed->count, 1, size, packed->file) != size) {
        error_set_errno(error, ERROR_WRITE, "a temporary file");
        return false;
    }
    packed->count += size;
    packed->size += size;
    return true;
}

bool perf_packed_add(struct perf_packed *packed, const uint8_t *bytes, size_t size, uint64_t offset,
                     struct error *error)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    bool is_full = true; /* there may be more to come out */
    packed->packed_size += size;
    if (packed->taken > 0)
        memmove(packed->bytes, packed->bytes + packed->taken, packed->count - packed->taken);
    packed->count -= packed->taken;
    packed->taken = 0;
    while (in.pos < in.size || is_full) {
        size_t room = ZSTD_DStreamOutSize();
        if (!memory_reserve(&packed->bytes, &packed->capacity, packed->count + room, 1, error))
            return false;
        ZSTD_outBuffer out = {packed->bytes + packed->count, room, 0};
        size_t before = in.pos;
        if (ZSTD_isError(ZSTD_decompressStream(packed->stream, &out, &in)))
            return garbled(packed, offset, "it cannot be uncompressed", error);
        if (!keep(packed, out.pos, error))
            return false;
        if (packed->size > packed->packed_size * RATIO_LIMIT)
            return garbled(packed, offset, "it is compressed more than records can be", error);
        is_full = out.pos == room;
        if (in.pos == before && out.pos == 0 && in.pos < in.size)
            return garbled(packed, offset, "it cannot be uncompressed", error);
    }
    return true;
}

const uint8_t *perf_packed_next(struct perf_packed *packed, size_t *size, uint64_t *offset,
                                bool *garbled_size)
{
    const uint8_t *record = packed->bytes + packed->taken;
    size_t left = packed->count - packed->taken;
    *garbled_size = false;
    if (left < 8)
        return NULL;
    *size = perf_get16(record + 6);
    *garbled_size = *size < 8;
    if (*garbled_size || *size > left)
        return NULL;
    *offset = packed->size - left;
    packed->taken += *size;
    return record;
}

bool perf_packed_is_over(const struct perf_packed *packed)
{
    return packed->taken == packed->count;
}
