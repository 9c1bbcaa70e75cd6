#include "shim/outside/build_id.h"

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
            memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")) != 0 ||
            note.n_descsz > sizeof(image->build_id))
            continue;
        memcpy(image->build_id, (char *)data->d_buf + content, note.n_descsz);
        image->build_id_size = note.n_descsz;
        return true;
    }
    return false;
}

void build_id_from_file(const char *path, struct image *image)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    Elf_Scn *section = NULL;
    Elf *elf;

    if (descriptor < 0)
        return;
    elf_version(EV_CURRENT);
    elf = elf_begin(descriptor, ELF_C_READ_MMAP, NULL);
    while (elf && (section = elf_nextscn(elf, section)) && !section_look(section, image))
        ;
    elf_end(elf);
    close(descriptor);
}
