#include "shim/core/modules/image.h"

#include <elf.h>
#include <string.h>

#include "shim/core/memory.h"

#define MOST_PROGRAM_HEADERS 64
#define LARGEST_NOTES 4096

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

/* The GNU build-id among the notes at `address`. */
static void build_id_read(uint64_t address, uint64_t size, struct image *image)
{
    Elf64_Nhdr note;

    if (size > LARGEST_NOTES)
        return;
    for (uint64_t at = 0; at + sizeof(note) <= size;) {
        char name[4];
        if (!memory_read(&note, address + at, sizeof(note)))
            return;
        at += sizeof(note);
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(name) &&
            memory_read(name, address + at, sizeof(name)) && memcmp(name, "GNU", 4) == 0 &&
            note.n_descsz <= sizeof(image->build_id) &&
            memory_read(image->build_id, address + at + sizeof(name), note.n_descsz)) {
            image->build_id_size = note.n_descsz;
            return;
        }
        at += ((uint64_t)note.n_namesz + 3) / 4 * 4 + ((uint64_t)note.n_descsz + 3) / 4 * 4;
    }
}

bool image_read(uint64_t program_headers, uint32_t count, uint64_t load_bias, struct image *image)
{
    memset(image, 0, sizeof(*image));
    image->low_address = UINT64_MAX;
    if (count > MOST_PROGRAM_HEADERS)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        Elf64_Phdr header;
        if (!memory_read(&header, program_headers + i * sizeof(header), sizeof(header)))
            return false;
        if (header.p_type == PT_LOAD) {
            if (header.p_vaddr < image->low_address)
                image->low_address = header.p_vaddr;
            if (header.p_vaddr + header.p_memsz > image->high_address)
                image->high_address = header.p_vaddr + header.p_memsz;
        } else if (header.p_type == PT_GNU_EH_FRAME) {
            image->unwind_table = header.p_vaddr;
            image->unwind_table_size = header.p_memsz;
        } else if (header.p_type == PT_NOTE && image->build_id_size == 0) {
            build_id_read(load_bias + header.p_vaddr, header.p_memsz, image);
        }
    }
    return image->low_address < image->high_address;
}
