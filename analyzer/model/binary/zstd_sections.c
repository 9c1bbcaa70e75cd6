#include "analyzer/model/binary/zstd_sections.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

#define SECTION_LIMIT (1u << 20)
/* Debug information is compressed to a fourth or so: more than this is made up. */
#define LARGEST_RATIO 4096
#define PIECE 65536

struct expansion {
    int from, to;
    Elf64_Ehdr header;
    Elf64_Shdr *sections;
    size_t count;
    uint64_t size; /* of what was written to `to` */
};

static bool read_at(int descriptor, void *bytes, size_t size, uint64_t offset)
{
    return offset <= INT64_MAX && pread(descriptor, bytes, size, (off_t)offset) == (ssize_t)size;
}

static bool write_next(struct expansion *file, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(file->to, (const char *)bytes + done, size - done);
        if (written <= 0)
            return false;
        done += (size_t)written;
    }
    file->size += size;
    return true;
}

/* Whether the section is compressed with zstd; *compression is then its header. */
static bool is_packed(const struct expansion *file, const Elf64_Shdr *section,
                      Elf64_Chdr *compression)
{
    return section->sh_flags & SHF_COMPRESSED && section->sh_type != SHT_NOBITS &&
           section->sh_size > sizeof(*compression) &&
           read_at(file->from, compression, sizeof(*compression), section->sh_offset) &&
           compression->ch_type == ELFCOMPRESS_ZSTD;
}

/* Reads the headers; false where there is nothing to expand. */
static bool read_headers(struct expansion *file)
{
    Elf64_Ehdr *header = &file->header;
    Elf64_Shdr first;
    Elf64_Chdr compression;
    if (!read_at(file->from, header, sizeof(*header), 0) ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_shoff == 0 ||
        header->e_shentsize != sizeof(Elf64_Shdr) ||
        !read_at(file->from, &first, sizeof(first), header->e_shoff))
        return false;
    file->count = header->e_shnum > 0 ? header->e_shnum : first.sh_size;
    if (file->count == 0 || file->count > SECTION_LIMIT)
        return false;
    file->sections = calloc(file->count, sizeof(*file->sections));
    if (!file->sections || !read_at(file->from, file->sections,
                                    file->count * sizeof(*file->sections), header->e_shoff))
        return false;
    for (size_t i = 0; i < file->count; i++) {
        if (is_packed(file, &file->sections[i], &compression))
            return true;
    }
    return false;
}

static bool copy_whole(struct expansion *file)
{
    char piece[PIECE];
    struct stat status;
    if (fstat(file->from, &status) != 0)
        return false;
    while (file->size < (uint64_t)status.st_size) {
        ssize_t size = pread(file->from, piece, sizeof(piece), (off_t)file->size);
        if (size <= 0 || !write_next(file, piece, (size_t)size))
            return false;
    }
    return true;
}

static bool align(struct expansion *file, uint64_t alignment)
{
    static const char zeros[64];
    uint64_t missing = alignment > 1 && alignment <= sizeof(zeros) ? -file->size % alignment : 0;
    return missing == 0 || write_next(file, zeros, missing);
}

/* Appends what is in the section, which has to be as long as its header says. */
static bool unpack(struct expansion *file, const Elf64_Shdr *section, uint64_t size,
                   ZSTD_DStream *stream)
{
    static char packed[PIECE], plain[PIECE];
    uint64_t at = section->sh_offset + sizeof(Elf64_Chdr);
    uint64_t end = section->sh_offset + section->sh_size;
    uint64_t begin = file->size;
    ZSTD_inBuffer in = {packed, 0, 0};
    if (end < at || ZSTD_isError(ZSTD_initDStream(stream)))
        return false;
    for (bool is_full = false; is_full || in.pos < in.size || at < end;) {
        if (!is_full && in.pos == in.size) {
            size_t part = end - at < PIECE ? (size_t)(end - at) : PIECE;
            if (!read_at(file->from, packed, part, at))
                return false;
            in = (ZSTD_inBuffer){packed, part, 0};
            at += part;
        }
        ZSTD_outBuffer out = {plain, sizeof(plain), 0};
        if (ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)) ||
            out.pos > size - (file->size - begin) || !write_next(file, plain, out.pos))
            return false;
        is_full = out.pos == out.size;
    }
    return file->size - begin == size;
}

static bool expand(struct expansion *file, ZSTD_DStream *stream)
{
    for (size_t i = 0; i < file->count; i++) {
        Elf64_Shdr *section = &file->sections[i];
        Elf64_Chdr compression;
        if (!is_packed(file, section, &compression))
            continue;
        if (compression.ch_size / LARGEST_RATIO > section->sh_size ||
            !align(file, compression.ch_addralign))
            return false;
        uint64_t offset = file->size;
        if (!unpack(file, section, compression.ch_size, stream))
            return false;
        section->sh_offset = offset;
        section->sh_size = compression.ch_size;
        section->sh_addralign = compression.ch_addralign;
        section->sh_flags &= ~(uint64_t)SHF_COMPRESSED;
    }
    if (!align(file, sizeof(uint64_t)))
        return false;
    file->header.e_shoff = file->size;
    return write_next(file, file->sections, file->count * sizeof(*file->sections)) &&
           pwrite(file->to, &file->header, sizeof(file->header), 0) == sizeof(file->header);
}

int zstd_sections_expand(int descriptor)
{
    struct expansion file = {.from = descriptor, .to = -1};
    bool done = false;
    if (read_headers(&file)) {
        ZSTD_DStream *stream = ZSTD_createDStream();
        file.to = memfd_create("expanded", MFD_CLOEXEC);
        done = stream && file.to >= 0 && copy_whole(&file) && expand(&file, stream);
        ZSTD_freeDStream(stream);
    }
    free(file.sections);
    if (file.to >= 0)
        close(done ? descriptor : file.to);
    return done ? file.to : descriptor;
}
