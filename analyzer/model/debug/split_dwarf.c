#include "analyzer/model/debug/split_dwarf.h"

#include <dwarf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary/separate_debug_file.h"
#include "analyzer/model/binary/zstd_sections.h"

/* The columns of a package's index that are needed; the numbers of both versions. */
enum {
    COLUMN_INFO = 1,
    COLUMN_ABBREVIATIONS = 3,
    COLUMN_STRING_OFFSETS = 6,
    COLUMN_RANGE_LISTS = 8, /* version 2: of macros, which nothing asks for */
    COLUMNS = 9
};

/* What a package's index says of a unit: its part of each section. */
struct contribution {
    uint32_t offset[COLUMNS];
    uint32_t size[COLUMNS];
};

/* A .dwo or .dwp file, mapped privately: units of packages are changed, see relocate. */
struct split_file {
    void *image;
    size_t size;
    Elf *elf;
    Dwarf *dwarf;
    struct contribution *contributions; /* by offset of their unit; of packages */
    size_t contribution_count;
    uint64_t index_version; /* 0: no package */
};

struct split_dwarf {
    char *binary_path;
    struct split_file *files;
    size_t file_count, file_capacity;
    struct split_unit **units; /* by id; each stays where it is */
    size_t unit_count, unit_capacity;
};

/* --- packages ------------------------------------------------------------------- */

/* Where a unit's header has the offset of its abbreviations. */
static uint64_t abbreviations_field(const struct section_bytes *info, uint64_t unit)
{
    uint64_t length, version;
    section_bytes_number(info, unit, 4, &length);
    uint64_t after_length = unit + (length == UINT32_MAX ? 12 : 4);
    section_bytes_number(info, after_length, 2, &version);
    /* DWARF 5 has the unit's type and the size of addresses before it. */
    return after_length + (version >= 5 ? 4 : 2);
}

/*
 * To libdw a package is one file, whose units have their abbreviations where
 * their headers say.  In a package these are offsets in the unit's part of the
 * section: they become offsets in the section.
 */
static void relocate(const struct section_bytes *info, const struct contribution *unit)
{
    uint64_t offset;
    uint64_t field = abbreviations_field(info, unit->offset[COLUMN_INFO]);
    if (!section_bytes_number(info, field, 4, &offset))
        return;
    offset += unit->offset[COLUMN_ABBREVIATIONS];
    for (unsigned i = 0; i < 4; i++)
        ((uint8_t *)info->bytes)[field + i] = (uint8_t)(offset >> (8 * i));
}

static int compare_contributions(const void *left, const void *right)
{
    const struct contribution *a = left;
    const struct contribution *b = right;
    return a->offset[COLUMN_INFO] < b->offset[COLUMN_INFO]
               ? -1
               : a->offset[COLUMN_INFO] > b->offset[COLUMN_INFO];
}

/* An index of version 2 (GNU) or 5; one that makes no sense has no units. */
static bool read_index(struct split_file *file, const char *name, struct error *error)
{
    struct section_bytes index = section_bytes_of(file->elf, name);
    struct section_bytes info = section_bytes_of(file->elf, ".debug_info.dwo");
    uint64_t columns, units, slots;
    if (!section_bytes_number(&index, 4, 4, &columns) ||
        !section_bytes_number(&index, 8, 4, &units) ||
        !section_bytes_number(&index, 12, 4, &slots) || columns > index.size ||
        units > index.size || slots > index.size || columns * units > index.size)
        return true;
    section_bytes_number(&index, 0, 2, &file->index_version);
    uint64_t headings = 16 + slots * 12;
    uint64_t offsets = headings + columns * 4;
    uint64_t sizes = offsets + units * columns * 4;
    struct contribution *all = realloc(file->contributions, (file->contribution_count + units + 1) *
                                                                sizeof(struct contribution));
    if (!all)
        return memory_exhausted(error);
    file->contributions = all;
    for (uint64_t row = 0; row < units; row++) {
        struct contribution unit = {.size = {0}};
        for (uint64_t column = 0; column < columns; column++) {
            uint64_t kind, offset, size;
            uint64_t place = (row * columns + column) * 4;
            if (!section_bytes_number(&index, headings + column * 4, 4, &kind) ||
                !section_bytes_number(&index, offsets + place, 4, &offset) ||
                !section_bytes_number(&index, sizes + place, 4, &size))
                return true;
            if (kind < COLUMNS) {
                unit.offset[kind] = (uint32_t)offset;
                unit.size[kind] = (uint32_t)size;
            }
        }
        if (unit.size[COLUMN_INFO] == 0)
            continue; /* DWARF 4 has types in a section of their own */
        relocate(&info, &unit);
        file->contributions[file->contribution_count++] = unit;
    }
    return true;
}

/*
 * To libdw a file with an index is none of split units, for its name does not
 * end in .dwo: in the private image it gets a name that libdw does not look at.
 */
static void hide_indexes(Elf *elf)
{
    size_t names;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        char *name;
        if (gelf_getshdr(section, &header) && (name = elf_strptr(elf, names, header.sh_name)) &&
            (strcmp(name, ".debug_cu_index") == 0 || strcmp(name, ".debug_tu_index") == 0))
            *name = '_';
    }
}

/* --- files ---------------------------------------------------------------------- */

static void close_file(struct split_file *file)
{
    dwarf_end(file->dwarf);
    elf_end(file->elf);
    if (file->image)
        munmap(file->image, file->size);
    free(file->contributions);
}

static bool map_file(struct split_file *file, const char *path)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    descriptor = zstd_sections_expand(descriptor);
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        void *image =
            mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
        file->size = (size_t)status.st_size;
        file->image = image == MAP_FAILED ? NULL : image;
    }
    close(descriptor);
    if (file->image)
        file->elf = elf_memory(file->image, file->size);
    return file->elf && elf_kind(file->elf) == ELF_K_ELF && gelf_getclass(file->elf) == ELFCLASS64;
}

static bool add_unit(struct split_dwarf *split, const struct split_file *file, Dwarf_CU *unit,
                     Dwarf_Die *die, struct error *error)
{
    struct contribution key = {.offset = {0}};
    struct split_unit added = {.die = *die, .offset_size = 4};
    Dwarf_Off header_end = dwarf_cuoffset(die);
    uint64_t start = dwarf_dieoffset(die) - header_end;
    uint64_t length;
    struct section_bytes info = section_bytes_of(file->elf, ".debug_info.dwo");
    if (dwarf_cu_info(unit, NULL, NULL, NULL, NULL, &added.id, NULL, NULL) != 0)
        return true;
    if (section_bytes_number(&info, start, 4, &length) && length == UINT32_MAX)
        added.offset_size = 8;
    added.entries = info;
    added.abbreviations = section_bytes_of(file->elf, ".debug_abbrev.dwo");
    added.strings = section_bytes_of(file->elf, ".debug_str.dwo");
    added.string_offsets = section_bytes_of(file->elf, ".debug_str_offsets.dwo");
    added.range_lists = section_bytes_of(file->elf, ".debug_rnglists.dwo");
    key.offset[COLUMN_INFO] = (uint32_t)start;
    const struct contribution *found =
        file->contribution_count > 0 ? bsearch(&key, file->contributions, file->contribution_count,
                                               sizeof(key), compare_contributions)
                                     : NULL;
    if (found) {
        added.string_offsets =
            section_bytes_part(&added.string_offsets, found->offset[COLUMN_STRING_OFFSETS],
                               found->size[COLUMN_STRING_OFFSETS]);
        added.range_lists = section_bytes_part(
            &added.range_lists, found->offset[COLUMN_RANGE_LISTS], found->size[COLUMN_RANGE_LISTS]);
    }
    struct split_unit *kept = malloc(sizeof(*kept));
    if (!kept || !memory_reserve(&split->units, &split->unit_capacity, split->unit_count + 1,
                                 sizeof(struct split_unit *), error)) {
        free(kept);
        return memory_exhausted(error);
    }
    *kept = added;
    split->units[split->unit_count++] = kept;
    return true;
}

static int compare_units(const void *left, const void *right)
{
    const struct split_unit *a = *(const struct split_unit *const *)left;
    const struct split_unit *b = *(const struct split_unit *const *)right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Adds the units of a file, whatever they are; a file that is none adds nothing. */
static bool add_file(struct split_dwarf *split, const char *path, struct error *error)
{
    struct split_file file = {0};
    Dwarf_CU *unit = NULL;
    Dwarf_Half version;
    uint8_t type;
    Dwarf_Die die;
    bool done = true;
    if (map_file(&file, path)) {
        done = read_index(&file, ".debug_cu_index", error) &&
               read_index(&file, ".debug_tu_index", error);
        if (done && file.contribution_count > 0)
            qsort(file.contributions, file.contribution_count, sizeof(*file.contributions),
                  compare_contributions);
        hide_indexes(file.elf);
        file.dwarf = done ? dwarf_begin_elf(file.elf, DWARF_C_READ, NULL) : NULL;
    }
    if (!file.dwarf || !memory_reserve(&split->files, &split->file_capacity, split->file_count + 1,
                                       sizeof(file), error)) {
        done = done && !file.dwarf;
        close_file(&file);
        return done;
    }
    split->files[split->file_count++] = file;
    while (dwarf_get_units(file.dwarf, unit, &unit, &version, &type, &die, NULL) == 0) {
        /* dwp of binutils 2.40 packs DWARF 5 like 4: without the lists of ranges. */
        if (version >= 5 && file.index_version == 2)
            continue;
        if (type == DW_UT_split_compile && !add_unit(split, &file, unit, &die, error))
            return false;
    }
    if (split->unit_count > 0)
        qsort((void *)split->units, split->unit_count, sizeof(struct split_unit *), compare_units);
    return true;
}

struct split_dwarf *split_dwarf_open(const char *binary_path, struct error *error)
{
    struct split_dwarf *split = calloc(1, sizeof(*split));
    if (!split) {
        memory_exhausted(error);
        return NULL;
    }
    split->binary_path = memory_copy_text(binary_path, error);
    bool done = split->binary_path != NULL;
    char *path;
    for (unsigned i = 0; done && (path = debug_file_package_path(binary_path, i)); i++) {
        done = split->unit_count > 0 || add_file(split, path, error);
        free(path);
    }
    if (done)
        return split;
    split_dwarf_free(split);
    return NULL;
}

void split_dwarf_free(struct split_dwarf *split)
{
    if (!split)
        return;
    for (size_t i = 0; i < split->unit_count; i++)
        free(split->units[i]);
    free((void *)split->units);
    for (size_t i = 0; i < split->file_count; i++)
        close_file(&split->files[i]);
    free(split->files);
    free(split->binary_path);
    free(split);
}

static const struct split_unit *unit_of(const struct split_dwarf *split, uint64_t id)
{
    struct split_unit key = {.id = id};
    struct split_unit *wanted = &key;
    struct split_unit **found = split->unit_count > 0
                                    ? bsearch(&wanted, (void *)split->units, split->unit_count,
                                              sizeof(struct split_unit *), compare_units)
                                    : NULL;
    return found ? *found : NULL;
}

bool split_dwarf_find(struct split_dwarf *split, uint64_t id, const char *directory,
                      const char *name, const struct split_unit **unit, struct error *error)
{
    bool done = true;
    char *path;
    *unit = unit_of(split, id);
    for (unsigned i = 0; done && !*unit && name &&
                         (path = debug_file_split_path(split->binary_path, directory, name, i));
         i++) {
        done = add_file(split, path, error);
        free(path);
        *unit = done ? unit_of(split, id) : NULL;
    }
    return done;
}
