#include "analyzer/model/binary/binary_plt.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary/binary_table.h"

/* A word that the dynamic linker fills in with a function's address. */
struct linkage_slot {
    uint64_t address;
    const char *symbol;
};

struct linkage_slots {
    struct linkage_slot *items;
    size_t count, capacity;
};

static bool is_slot(const struct binary *binary, uint64_t type)
{
    if (binary->header.e_machine == EM_AARCH64)
        return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT;
    return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
}

/* A slot whose function the program's own code chooses when it starts (IFUNC). */
static bool is_chosen(const struct binary *binary, uint64_t type)
{
    return type == (binary->header.e_machine == EM_AARCH64 ? (uint64_t)R_AARCH64_IRELATIVE
                                                           : (uint64_t)R_X86_64_IRELATIVE);
}

static int compare_address(const void *key, const void *item)
{
    uint64_t address = *(const uint64_t *)key;
    const struct function *function = item;
    return address < function->address ? -1 : address > function->address;
}

/* The function that chooses, by whose name llvm-bolt calls the entry; NULL: it has none. */
static const char *chooser(const struct binary *binary, uint64_t address)
{
    const struct function *found = bsearch(&address, binary->functions, binary->function_count,
                                           sizeof(*found), compare_address);
    return found ? found->bolt_name : NULL;
}

static bool add_slot(struct linkage_slots *slots, uint64_t address, const char *name,
                     struct error *error)
{
    if (!memory_reserve(&slots->items, &slots->capacity, slots->count + 1, sizeof(*slots->items),
                        error))
        return false;
    slots->items[slots->count++] = (struct linkage_slot){address, name};
    return true;
}

/* `binary` has the functions of its symbols already, sorted by address. */
static bool read_relocations(struct binary *binary, Elf_Scn *section, const GElf_Shdr *header,
                             struct linkage_slots *slots, struct error *error)
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
        if (is_chosen(binary, type) && GELF_R_SYM(relocation.r_info) == 0) {
            name = chooser(binary, (uint64_t)relocation.r_addend);
            if (name && !add_slot(slots, relocation.r_offset, name, error))
                return false;
            continue;
        }
        if (!is_slot(binary, type) || GELF_R_SYM(relocation.r_info) == 0)
            continue;
        if (!gelf_getsym(symbols, (int)GELF_R_SYM(relocation.r_info), &symbol) ||
            !(name = elf_strptr(binary->elf, table_header.sh_link, symbol.st_name)))
            return binary_garbled(binary, error);
        if (!add_slot(slots, relocation.r_offset, name, error))
            return false;
    }
    return true;
}

static bool read_slots(struct binary *binary, struct linkage_slots *slots, struct error *error)
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
    const struct linkage_slot *a = left;
    const struct linkage_slot *b = right;
    return a->address < b->address ? -1 : a->address > b->address;
}

static const struct linkage_slot *slot_at(const struct linkage_slots *slots, uint64_t address)
{
    struct linkage_slot key = {address, NULL};
    return slots->count > 0 ? bsearch(&key, slots->items, slots->count, sizeof(key), compare_slots)
                            : NULL;
}

/* The slot that `adrp x16, page; ldr x17, [x16, offset]` of the entry loads, or NULL. */
static const struct linkage_slot *aarch64_slot(const struct binary_section *section, size_t entry,
                                               size_t entry_size, const struct linkage_slots *slots)
{
    for (size_t i = entry; i + 8 <= entry + entry_size && i + 8 <= section->size; i += 4) {
        uint32_t page, load;
        memcpy(&page, section->bytes + i, sizeof(page));
        memcpy(&load, section->bytes + i + 4, sizeof(load));
        if ((page & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
            continue;
        /* 21 bits, the lowest two of them apart: pages from that of the instruction. */
        int64_t pages = (int64_t)((page >> 5 & 0x7ffff) << 2 | (page >> 29 & 3));
        pages = (pages ^ 0x100000) - 0x100000;
        uint64_t address = ((section->address + i) & ~(uint64_t)0xfff) + (uint64_t)(pages * 4096) +
                           (load >> 10 & 0xfff) * 8;
        return slot_at(slots, address);
    }
    return NULL;
}

/* The slot that the entry's `jmp *slot(%rip)` goes through, or NULL. */
static const struct linkage_slot *entry_slot(const struct binary_section *section, size_t entry,
                                             size_t entry_size, const struct linkage_slots *slots)
{
    /* endbr64 and a bnd prefix may come before the jump, a push after it. */
    for (size_t i = entry; i < entry + entry_size && i + 6 <= section->size; i++) {
        int32_t displacement;
        if (section->bytes[i] != 0xff || section->bytes[i + 1] != 0x25)
            continue;
        memcpy(&displacement, section->bytes + i + 2, sizeof(displacement));
        const struct linkage_slot *slot =
            slot_at(slots, section->address + i + 6 + (uint64_t)(int64_t)displacement);
        if (slot)
            return slot;
    }
    return NULL;
}

/* lld has a table of its own for functions that are chosen at the start. */
static bool is_linkage_table(const char *section)
{
    return strncmp(section, ".plt", strlen(".plt")) == 0 || strcmp(section, ".iplt") == 0;
}

bool binary_read_plt(struct binary *binary, struct error *error)
{
    struct linkage_slots slots = {0};
    if (binary->header.e_machine != EM_X86_64 && binary->header.e_machine != EM_AARCH64)
        return true; /* how their entries jump is not known here */
    bool done = read_slots(binary, &slots, error);
    if (done && slots.count > 0)
        qsort(slots.items, slots.count, sizeof(*slots.items), compare_slots);
    for (size_t i = 0; done && i < binary->section_count; i++) {
        const struct binary_section *section = &binary->sections[i];
        size_t entry_size = strcmp(section->name, ".plt.got") == 0 ? 8 : 16;
        if (!section->is_code || !is_linkage_table(section->name))
            continue;
        for (size_t entry = 0; done && entry < section->size; entry += entry_size) {
            const struct linkage_slot *slot = binary->header.e_machine == EM_AARCH64
                                                  ? aarch64_slot(section, entry, entry_size, &slots)
                                                  : entry_slot(section, entry, entry_size, &slots);
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
