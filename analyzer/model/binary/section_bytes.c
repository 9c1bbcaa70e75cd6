#include "analyzer/model/binary/section_bytes.h"

#include <gelf.h>
#include <string.h>

#define DEBUG ".debug_"
#define OLD_COMPRESSED ".zdebug_"

static bool is_called(const char *name, const char *wanted)
{
    size_t debug = strlen(DEBUG);
    size_t old = strlen(OLD_COMPRESSED);
    return strcmp(name, wanted) == 0 ||
           (strncmp(name, OLD_COMPRESSED, old) == 0 && strncmp(wanted, DEBUG, debug) == 0 &&
            strcmp(name + old, wanted + debug) == 0);
}

/* What is expanded already is left as it is. */
static bool expand(Elf_Scn *section, const GElf_Shdr *header, const char *name)
{
    if (header->sh_flags & SHF_COMPRESSED)
        return elf_compress(section, 0, 0) >= 0;
    if (strncmp(name, OLD_COMPRESSED, strlen(OLD_COMPRESSED)) == 0)
        elf_compress_gnu(section, 0, 0);
    return true;
}

struct section_bytes section_bytes_of(Elf *elf, const char *name)
{
    struct section_bytes none = {NULL, 0};
    size_t names;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return none;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        const char *its_name;
        if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS ||
            !(its_name = elf_strptr(elf, names, header.sh_name)) || !is_called(its_name, name))
            continue;
        if (!expand(section, &header, its_name))
            return none;
        Elf_Data *data = elf_rawdata(section, NULL);
        return data && data->d_buf ? (struct section_bytes){data->d_buf, data->d_size} : none;
    }
    return none;
}

bool section_bytes_number(const struct section_bytes *section, uint64_t offset, unsigned width,
                          uint64_t *number)
{
    *number = 0;
    if (offset > section->size || section->size - offset < width)
        return false;
    for (unsigned i = width; i-- > 0;)
        *number = *number << 8 | section->bytes[offset + i];
    return true;
}

struct section_bytes section_bytes_part(const struct section_bytes *section, uint64_t offset,
                                        uint64_t size)
{
    bool fits = offset <= section->size && size <= section->size - offset;
    return fits ? (struct section_bytes){section->bytes + offset, size}
                : (struct section_bytes){NULL, 0};
}
