#include "analyzer/model/binary/mini_symbols.h"

#include <gelf.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/model/binary/section_bytes.h"

#define MEMORY_LIMIT (UINT64_C(256) << 20) /* for unpacking, and for what is unpacked */
#define PIECE 65536

static bool unpack(struct section_bytes packed, int into)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    uint8_t piece[PIECE];
    lzma_ret status = lzma_stream_decoder(&stream, MEMORY_LIMIT, 0);
    stream.next_in = packed.bytes;
    stream.avail_in = packed.size;
    while (status == LZMA_OK && stream.total_out <= MEMORY_LIMIT) {
        stream.next_out = piece;
        stream.avail_out = sizeof(piece);
        status = lzma_code(&stream, LZMA_FINISH);
        size_t size = sizeof(piece) - stream.avail_out;
        if (write(into, piece, size) != (ssize_t)size)
            status = LZMA_PROG_ERROR;
    }
    lzma_end(&stream);
    return status == LZMA_STREAM_END;
}

Elf *mini_symbols_open(Elf *binary)
{
    struct section_bytes packed = section_bytes_of(binary, ".gnu_debugdata");
    Elf *elf = NULL;
    if (packed.size == 0)
        return NULL;
    int file = memfd_create("symbols", MFD_CLOEXEC);
    if (file < 0)
        return NULL;
    if (unpack(packed, file))
        elf = elf_begin(file, ELF_C_READ_MMAP, NULL);
    if (elf)
        elf_cntl(elf, ELF_C_FDREAD);
    close(file);
    if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64)
        return elf;
    elf_end(elf);
    return NULL;
}
