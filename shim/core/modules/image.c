#include "shim/core/modules/image.h"

#include <elf.h>
#include <string.h>

#include "shim/core/ground/memory.h"

#define MOST_PROGRAM_HEADERS 64
#define LARGEST_NOTES 1024

bool image_headers(uint64_t address, uint64_t *program_headers, uint32_t *count)
{
    Elf64_Ehdr header;
    if (!memory_read(&header, address, sizeof(header)) ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_phentsize != sizeof(Elf64_Phdr))
        return false;
    *program_headers = address + header.e_phoff;
    *count = header.e_phnum;
    return true;
}

/* The GNU build-id among the notes at this link-time address. */
static void build_id_read(uint64_t address, uint64_t size, uint64_t load_bias, struct image *image)
{
    uint8_t notes[LARGEST_NOTES];
    Elf64_Nhdr note;

    if (size > sizeof(notes) || !memory_read(notes, load_bias + address, size))
        return;
    for (uint64_t at = 0; at + sizeof(note) <= size;) {
        uint64_t name, content;
        memcpy(&note, notes + at, sizeof(note));
        name = at + sizeof(note);
        content = name + ((uint64_t)note.n_namesz + 3) / 4 * 4;
        at = content + ((uint64_t)note.n_descsz + 3) / 4 * 4;
        if (at > size || note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
            memcmp(notes + name, "GNU", 4) != 0)
            continue;
        /* Of a longer one the beginning is kept. */
        image->build_id_size = note.n_descsz < sizeof(image->build_id)
                                   ? note.n_descsz
                                   : (uint32_t)sizeof(image->build_id);
        memcpy(image->build_id, notes + content, image->build_id_size);
        image->build_id_address = address + content;
        return;
    }
}

bool image_read(uint64_t program_headers, uint32_t count, uint64_t load_bias, struct image *image)
{
    Elf64_Phdr headers[MOST_PROGRAM_HEADERS];

    memset(image, 0, sizeof(*image));
    image->low_address = UINT64_MAX;
    if (count > MOST_PROGRAM_HEADERS ||
        !memory_read(headers, program_headers, count * sizeof(*headers)))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        Elf64_Phdr header = headers[i];
        if (header.p_type == PT_LOAD) {
            if (header.p_vaddr < image->low_address)
                image->low_address = header.p_vaddr;
            if (header.p_vaddr + header.p_memsz > image->high_address)
                image->high_address = header.p_vaddr + header.p_memsz;
        } else if (header.p_type == PT_GNU_EH_FRAME) {
            image->unwind_table = header.p_vaddr;
            image->unwind_table_size = header.p_memsz;
        } else if (header.p_type == PT_NOTE && image->build_id_size == 0) {
            build_id_read(header.p_vaddr, header.p_memsz, load_bias, image);
        }
    }
    return image->low_address < image->high_address;
}

static uint64_t hash_bytes(const void *bytes, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

uint64_t image_signature(const struct image *image, const char *path)
{
    if (image->build_id_size)
        return hash_bytes(image->build_id, image->build_id_size);
    return hash_bytes(path, strlen(path));
}
