#include "shim/objects/object.h"

#include <string.h>
#include <sys/mman.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"

#define PAGE 4096u
#define MOST_HEADERS 32
#define HIDDEN_VERSION 0x8000u

static uintptr_t page_down(uintptr_t address)
{
    return address / PAGE * PAGE;
}

static uintptr_t page_up(uintptr_t address)
{
    return page_down(address + PAGE - 1);
}

/* --- symbols ------------------------------------------------------------------------------ */

/* The dynamic linker has made pointers of most entries already; of our own mapping nobody has. */
static uintptr_t entry_address(uintptr_t base, uintptr_t value)
{
    return value < base ? base + value : value;
}

struct object object_of_loaded(uintptr_t base, const Elf64_Dyn *dynamic)
{
    struct object object = {.base = base, .dynamic = dynamic};

    for (const Elf64_Dyn *entry = dynamic; entry->d_tag != DT_NULL; entry++) {
        const void *address = (const void *)entry_address(base, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            object.symbols = address;
        else if (entry->d_tag == DT_STRTAB)
            object.names = address;
        else if (entry->d_tag == DT_GNU_HASH)
            object.hash = address;
        else if (entry->d_tag == DT_VERSYM)
            object.versions = address;
    }
    return object;
}

static uint32_t name_hash(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (uint8_t)*name;
    return hash;
}

static void *symbol_address(const struct object *object, const Elf64_Sym *symbol)
{
    uintptr_t address = object->base + symbol->st_value;
    if (ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC)
        return ((void *(*)(void))address)();
    return (void *)address;
}

static bool symbol_answers(const struct object *object, uint32_t index, const char *name)
{
    const Elf64_Sym *symbol = &object->symbols[index];
    return symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) != STT_TLS &&
           !(object->versions && object->versions[index] & HIDDEN_VERSION) &&
           strcmp(object->names + symbol->st_name, name) == 0;
}

void *object_find(const struct object *object, const char *name)
{
    uint32_t hash = name_hash(name), buckets, first, bloom_size, index;
    const uint32_t *bucket, *chain;

    if (!object->hash || !object->symbols || !object->names)
        return NULL;
    buckets = object->hash[0];
    first = object->hash[1];
    bloom_size = object->hash[2];
    bucket = object->hash + 4 + (size_t)bloom_size * 2;
    chain = bucket + buckets;
    index = buckets ? bucket[hash % buckets] : 0;
    for (; index >= first && index != 0; index++) {
        uint32_t entry = chain[index - first];
        if ((entry | 1) == (hash | 1) && symbol_answers(object, index, name))
            return symbol_address(object, &object->symbols[index]);
        if (entry & 1)
            break;
    }
    return NULL;
}

/* --- mapping ------------------------------------------------------------------------------ */

struct object_file {
    int descriptor;
    Elf64_Ehdr header;
    Elf64_Phdr segments[MOST_HEADERS];
};

static bool failed(char *why, size_t why_size, const char *what, long result)
{
    text_print(why, why_size, "%s%s%s", what, result ? ": " : "",
               result ? text_of_error((int)-result) : "");
    return false;
}

static bool file_read(struct object_file *file, char *why, size_t why_size)
{
    const Elf64_Ehdr *header = &file->header;
    long size;

    if (system_call(SYS_pread64, file->descriptor, &file->header, sizeof(file->header), 0) !=
            (long)sizeof(file->header) ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_type != ET_DYN ||
        header->e_machine != EM_X86_64 || header->e_phentsize != sizeof(Elf64_Phdr) ||
        header->e_phnum > MOST_HEADERS) {
        text_print(why, why_size, "is not a shared object of x86-64");
        return false;
    }
    size = (long)(header->e_phnum * sizeof(Elf64_Phdr));
    if (system_call(SYS_pread64, file->descriptor, file->segments, size, header->e_phoff) == size)
        return true;
    text_print(why, why_size, "is cut off");
    return false;
}

static int protection_of(const Elf64_Phdr *segment)
{
    return (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
           (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* A segment at its place: what the file has of it, and zeros behind. */
static long segment_map(const struct object_file *file, const Elf64_Phdr *segment, uintptr_t base)
{
    uintptr_t start = page_down(base + segment->p_vaddr);
    uintptr_t in_file = base + segment->p_vaddr + segment->p_filesz;
    uintptr_t end = base + segment->p_vaddr + segment->p_memsz;
    long result =
        system_call(SYS_mmap, start, in_file - start, protection_of(segment),
                    MAP_PRIVATE | MAP_FIXED, file->descriptor, page_down(segment->p_offset));

    if (result < 0 && result > -4096)
        return result;
    if (end <= in_file)
        return 0;
    if (page_up(in_file) > in_file && segment->p_flags & PF_W)
        memset((void *)in_file, 0, page_up(in_file) - in_file);
    if (page_up(end) <= page_up(in_file))
        return 0;
    result = system_call(SYS_mmap, page_up(in_file), page_up(end) - page_up(in_file),
                         protection_of(segment), MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
    return result < 0 && result > -4096 ? result : 0;
}

static bool segments_map(const struct object_file *file, struct object_mapped *mapped, char *why,
                         size_t why_size)
{
    uintptr_t low = UINTPTR_MAX, high = 0, base;
    const Elf64_Dyn *dynamic = NULL;
    long result;

    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &file->segments[i];
        if (segment->p_type != PT_LOAD)
            continue;
        low = segment->p_vaddr < low ? page_down(segment->p_vaddr) : low;
        high =
            segment->p_vaddr + segment->p_memsz > high ? segment->p_vaddr + segment->p_memsz : high;
    }
    if (low >= high)
        return failed(why, why_size, "has no segments", 0);
    mapped->size = page_up(high) - low;
    result = places_map(mapped->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (result < 0 && result > -4096)
        return failed(why, why_size, "cannot be mapped", result);
    mapped->start = (uintptr_t)result;
    base = mapped->start - low;
    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &file->segments[i];
        result = segment->p_type == PT_LOAD ? segment_map(file, segment, base) : 0;
        if (result < 0)
            return failed(why, why_size, "cannot be mapped", result);
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const void *)(base + segment->p_vaddr);
        if (segment->p_type == PT_TLS)
            mapped->thread_size = segment->p_memsz;
        if (segment->p_type == PT_GNU_RELRO) {
            mapped->relro = page_down(base + segment->p_vaddr);
            mapped->relro_size = page_down(base + segment->p_vaddr + segment->p_memsz);
            mapped->relro_size -= mapped->relro;
        }
    }
    if (!dynamic)
        return failed(why, why_size, "has no dynamic section", 0);
    mapped->object = object_of_loaded(base, dynamic);
    return true;
}

bool object_map(const char *path, struct object_mapped *mapped, char *why, size_t why_size)
{
    struct object_file file;
    char reason[128] = "";
    bool done;

    memset(mapped, 0, sizeof(*mapped));
    file.descriptor = (int)descriptor_move_away(
        system_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), NULL);
    if (file.descriptor < 0)
        return failed(why, why_size, path, file.descriptor);
    done = file_read(&file, reason, sizeof(reason)) &&
           segments_map(&file, mapped, reason, sizeof(reason));
    system_call(SYS_close, file.descriptor);
    if (!done) {
        object_unmap(mapped);
        text_print(why, why_size, "%s %s", path, reason);
    }
    return done;
}

void object_unmap(struct object_mapped *mapped)
{
    if (mapped->size && mapped->start)
        system_unmap((void *)mapped->start, mapped->size);
    memset(mapped, 0, sizeof(*mapped));
}

/* --- relocation --------------------------------------------------------------------------- */

static void *scope_find(const struct object_scope *scope, const char *name)
{
    void *found = NULL;

    for (const struct object_symbol *at = scope->first; at && at->name; at++)
        if (strcmp(at->name, name) == 0)
            return at->address;
    for (size_t i = 0; i < scope->count && !found; i++)
        found = object_find(&scope->objects[i], name);
    return found;
}

struct relocating {
    const struct object_mapped *mapped;
    const struct object_scope *scope;
    char *why;
    size_t why_size;
};

/* False: a symbol is missing, which was said. */
static bool symbol_resolve(const struct relocating *work, uint32_t index, uintptr_t *value)
{
    const struct object *object = &work->mapped->object;
    const Elf64_Sym *symbol = &object->symbols[index];
    const char *name = object->names + symbol->st_name;
    bool is_weak = ELF64_ST_BIND(symbol->st_info) == STB_WEAK;
    void *found = is_weak && symbol->st_shndx == SHN_UNDEF ? NULL : scope_find(work->scope, name);

    if (!found && symbol->st_shndx != SHN_UNDEF)
        found = (void *)(object->base + symbol->st_value);
    if (!found && !is_weak)
        found = work->scope->otherwise;
    *value = (uintptr_t)found;
    if (found || is_weak)
        return true;
    text_print(work->why, work->why_size, "symbol %s is missing", name);
    return false;
}

static bool relocate_one(const struct relocating *work, const Elf64_Rela *relocation)
{
    uintptr_t base = work->mapped->object.base, value = 0;
    uintptr_t *place = (uintptr_t *)(base + relocation->r_offset);
    uint32_t index = (uint32_t)ELF64_R_SYM(relocation->r_info);

    switch (ELF64_R_TYPE(relocation->r_info)) {
    case R_X86_64_RELATIVE:
        *place = base + (uintptr_t)relocation->r_addend;
        return true;
    case R_X86_64_GLOB_DAT:
    case R_X86_64_JUMP_SLOT:
    case R_X86_64_64:
        if (!symbol_resolve(work, index, &value))
            return false;
        if (ELF64_R_TYPE(relocation->r_info) == R_X86_64_64)
            value += (uintptr_t)relocation->r_addend;
        *place = value;
        return true;
    case R_X86_64_TPOFF64: /* the object's own: initial-exec variables of a static block */
        value = index ? work->mapped->object.symbols[index].st_value : 0;
        *place = work->scope->thread_offset + value + (uintptr_t)relocation->r_addend;
        return true;
    case R_X86_64_DTPMOD64: /* general-dynamic variables, which what we use of it does not touch */
    case R_X86_64_DTPOFF64:
        return true;
    default:
        text_print(work->why, work->why_size, "relocation %u is not known",
                   (unsigned)ELF64_R_TYPE(relocation->r_info));
        return false;
    }
}

static bool table_relocate(const struct relocating *work, uintptr_t table, size_t size)
{
    const Elf64_Rela *relocations = (const void *)(work->mapped->object.base + table);

    for (size_t i = 0; table && i < size / sizeof(*relocations); i++)
        if (!relocate_one(work, &relocations[i]))
            return false;
    return true;
}

/* Addresses in bitmaps, 63 words behind each address. */
static void packed_relocate(uintptr_t base, uintptr_t table, size_t size)
{
    const uint64_t *entries = (const void *)(base + table);
    uintptr_t *place = (uintptr_t *)base; /* until the first address, which comes first */

    for (size_t i = 0; table && i < size / sizeof(*entries); i++) {
        if ((entries[i] & 1) == 0) {
            place = (uintptr_t *)(base + entries[i]);
            *place++ += base;
            continue;
        }
        for (unsigned bit = 0; bit < 63; bit++)
            if (entries[i] >> (bit + 1) & 1)
                place[bit] += base;
        place += 63;
    }
}

bool object_relocate(const struct object_mapped *mapped, const struct object_scope *scope,
                     char *why, size_t why_size)
{
    enum { PACKED_SIZE = 35, PACKED = 36 }; /* DT_RELRSZ, DT_RELR */
    struct relocating work = {mapped, scope, why, why_size};
    uintptr_t table = 0, size = 0, jumps = 0, jumps_size = 0, packed = 0, packed_size = 0;

    for (const Elf64_Dyn *entry = mapped->object.dynamic; entry->d_tag != DT_NULL; entry++) {
        uintptr_t value = entry->d_un.d_val;
        table = entry->d_tag == DT_RELA ? value : table;
        size = entry->d_tag == DT_RELASZ ? value : size;
        jumps = entry->d_tag == DT_JMPREL ? value : jumps;
        jumps_size = entry->d_tag == DT_PLTRELSZ ? value : jumps_size;
        packed = entry->d_tag == PACKED ? value : packed;
        packed_size = entry->d_tag == PACKED_SIZE ? value : packed_size;
    }
    packed_relocate(mapped->object.base, packed, packed_size);
    if (!table_relocate(&work, table, size) || !table_relocate(&work, jumps, jumps_size))
        return false;
    if (mapped->relro_size)
        system_call(SYS_mprotect, mapped->relro, mapped->relro_size, PROT_READ);
    return true;
}
