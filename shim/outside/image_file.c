#include "shim/outside/image_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

/* Whether it is among the notes of this section. */
static bool section_look(Elf_Scn *section, struct image *image)
{
    GElf_Shdr header;
    GElf_Nhdr note;
    Elf_Data *data;
    size_t at = 0, name, content;

    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
        !(data = elf_getdata(section, NULL)))
        return false;
    while ((at = gelf_getnote(data, at, &note, &name, &content)) > 0) {
        if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
            memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")) != 0)
            continue;
        /* Of a longer one the beginning is kept. */
        image->build_id_size = note.n_descsz < sizeof(image->build_id)
                                   ? note.n_descsz
                                   : (uint32_t)sizeof(image->build_id);
        memcpy(image->build_id, (char *)data->d_buf + content, image->build_id_size);
        return true;
    }
    return false;
}

/* The range of its loadable segments.  False: there are none. */
static bool segments_look(Elf *elf, struct image *image)
{
    size_t count = 0;

    image->low_address = UINT64_MAX;
    image->high_address = 0;
    if (elf_getphdrnum(elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD)
            continue;
        if (header.p_vaddr < image->low_address)
            image->low_address = header.p_vaddr;
        if (header.p_vaddr + header.p_memsz > image->high_address)
            image->high_address = header.p_vaddr + header.p_memsz;
    }
    return image->low_address < image->high_address;
}

static void sections_look(Elf *elf, struct image *image)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section)) && !section_look(section, image))
        ;
}

/* NULL: it cannot be read, or is not an ELF file. */
static Elf *file_open(const char *path, int *descriptor)
{
    Elf *elf;

    *descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (*descriptor < 0)
        return NULL;
    elf_version(EV_CURRENT);
    elf = elf_begin(*descriptor, ELF_C_READ_MMAP, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF)
        return elf;
    elf_end(elf);
    close(*descriptor);
    return NULL;
}

bool image_from_file(const char *path, struct image *image)
{
    int descriptor;
    Elf *elf = file_open(path, &descriptor);
    bool found;

    if (!elf)
        return false;
    *image = (struct image){0};
    found = segments_look(elf, image);
    sections_look(elf, image);
    elf_end(elf);
    close(descriptor);
    return found;
}

void build_id_from_file(const char *path, struct image *image)
{
    int descriptor;
    Elf *elf = file_open(path, &descriptor);

    if (!elf)
        return;
    sections_look(elf, image);
    elf_end(elf);
    close(descriptor);
}
