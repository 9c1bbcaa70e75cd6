/*
 * The procedure linkage table: code without symbols of its own, named after the
 * function that each entry jumps to.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary_parts.h"

/* A word that the dynamic linker fills in with a function's address. */
struct slot {
    uint64_t address;
    const char *symbol;
};

struct slots {
    struct slot *items;
    size_t count, capacity;
};

static bool read_relocations(struct binary *binary, Elf_Scn *section, const GElf_Shdr *header,
                             struct slots *slots, struct error *error)
{
    GElf_Shdr table_header;
    Elf_Scn *table = elf_getscn(binary->elf, header->sh_link);
    Elf_Data *relocations = elf_getdata(section, NULL);
    Elf_Data *symbols = elf_getdata(table, NULL);
    if (header->sh_link == 0)
        return true; /* static programs: only relative ones, of no symbol */
    if (!relocations || !symbols || !gelf_getshdr(table, &table_header) || header->sh_entsize == 0)
        return binary_garbled(binary, error);
    for (size_t i = 0; i < relocations->d_size / header->sh_entsize; i++) {
        GElf_Rela relocation;
        GElf_Sym symbol;
        const char *name;
        if (!gelf_getrela(relocations, (int)i, &relocation))
            return binary_garbled(binary, error);
        uint64_t type = GELF_R_TYPE(relocation.r_info);
        if ((type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) ||
            GELF_R_SYM(relocation.r_info) == 0)
            continue;
        if (!gelf_getsym(symbols, (int)GELF_R_SYM(relocation.r_info), &symbol) ||
            !(name = elf_strptr(binary->elf, table_header.sh_link, symbol.st_name)))
            return binary_garbled(binary, error);
        if (!memory_reserve(&slots->items, &slots->capacity, slots->count + 1,
                            sizeof(*slots->items), error))
            return false;
        slots->items[slots->count++] = (struct slot){relocation.r_offset, name};
    }
    return true;
}

static bool read_slots(struct binary *binary, struct slots *slots, struct error *error)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(binary->elf, section))) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            return binary_garbled(binary, error);
        if (header.sh_type == SHT_RELA && header.sh_flags & SHF_ALLOC &&
            !read_relocations(binary, section, &header, slots, error))
            return false;
    }
    return true;
}

static int compare_slots(const void *left, const void *right)
{
    const struct slot *a = left;
    const struct slot *b = right;
    return a->address < b->address ? -1 : a->address > b->address;
}

/* The slot that the entry's `jmp *slot(%rip)` goes through, or NULL. */
static const struct slot *entry_slot(const struct section *section, size_t entry, size_t entry_size,
                                     const struct slots *slots)
{
    /* endbr64 and a bnd prefix may come before the jump, a push after it. */
    for (size_t i = entry; i < entry + entry_size && i + 6 <= section->size; i++) {
        int32_t displacement;
        if (section->bytes[i] != 0xff || section->bytes[i + 1] != 0x25)
            continue;
        memcpy(&displacement, section->bytes + i + 2, sizeof(displacement));
        struct slot key = {section->address + i + 6 + (uint64_t)(int64_t)displacement, NULL};
        const struct slot *slot =
            slots->count > 0 ? bsearch(&key, slots->items, slots->count, sizeof(key), compare_slots)
                             : NULL;
        if (slot)
            return slot;
    }
    return NULL;
}

bool binary_read_plt(struct binary *binary, struct error *error)
{
    struct slots slots = {0};
    bool done = read_slots(binary, &slots, error);
    if (done && slots.count > 0)
        qsort(slots.items, slots.count, sizeof(*slots.items), compare_slots);
    for (size_t i = 0; done && i < binary->section_count; i++) {
        const struct section *section = &binary->sections[i];
        size_t entry_size = strcmp(section->name, ".plt.got") == 0 ? 8 : 16;
        if (!section->is_code || strncmp(section->name, ".plt", 4) != 0)
            continue;
        for (size_t entry = 0; done && entry < section->size; entry += entry_size) {
            const struct slot *slot = entry_slot(section, entry, entry_size, &slots);
            const char *name;
            if (slot)
                name = binary_keep_name(binary, error, "%s@PLT", slot->symbol);
            else if (entry == 0) /* where the entries call the dynamic linker from */
                name = binary_keep_name(binary, error, "__BOLT_PSEUDO_%s", section->name);
            else
                continue;
            struct function added = {.address = section->address + entry,
                                     .size = entry_size,
                                     .name = name,
                                     .bolt_name = name,
                                     .is_plt = true};
            done = name && binary_add_function(binary, &added, error);
        }
    }
    free(slots.items);
    return done;
}
