#include "shim/program/fit.h"

#include <elf.h>
#include <string.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/system_call.h"

#define DEEPEST_SCRIPT 5     /* interpreters of interpreters, as the kernel has it */
#define MOST_SEGMENTS 128    /* looked at in a file */
#define MOST_ENTRIES 4096    /* looked at in a dynamic section */
#define BLOCK_ENTRIES 32     /* of a dynamic section, read at once */
#define LARGEST_NAMES 65536u /* bytes of a dynamic linker's names that are looked through */

struct program_file {
    long descriptor;
    Elf64_Ehdr header;
};

static bool read_at(const struct program_file *file, void *to, size_t size, uint64_t offset)
{
    return system_call(SYS_pread64, file->descriptor, to, size, offset) == (long)size;
}

/* The text at `offset`, cut to `size` bytes with its end. */
static bool text_at(const struct program_file *file, char *to, size_t size, uint64_t offset)
{
    long length = system_call(SYS_pread64, file->descriptor, to, size - 1, offset);
    to[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static bool file_open(struct program_file *file, const char *path)
{
    file->descriptor = descriptor_move_away(
        system_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY), NULL);
    return file->descriptor >= 0;
}

static void file_close(const struct program_file *file)
{
    system_call(SYS_close, file->descriptor);
}

static bool segment_at(const struct program_file *file, unsigned index, Elf64_Phdr *segment)
{
    return index < file->header.e_phnum && index < MOST_SEGMENTS &&
           file->header.e_phentsize == sizeof(*segment) &&
           read_at(file, segment, sizeof(*segment),
                   file->header.e_phoff + index * sizeof(*segment));
}

static bool segment_find(const struct program_file *file, uint32_t type, Elf64_Phdr *segment)
{
    for (unsigned i = 0; segment_at(file, i, segment); i++)
        if (segment->p_type == type)
            return true;
    return false;
}

/* Where in the file the byte of link-time `address` is; 0: nowhere. */
static uint64_t offset_of(const struct program_file *file, uint64_t address)
{
    Elf64_Phdr segment;
    for (unsigned i = 0; segment_at(file, i, &segment); i++)
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz)
            return segment.p_offset + (address - segment.p_vaddr);
    return 0;
}

/* A walk through a dynamic section. */
struct dynamic_walk {
    const struct program_file *file;
    uint64_t offset; /* of the next block */
    unsigned at, count, seen;
    Elf64_Dyn block[BLOCK_ENTRIES];
};

/* The next entry; NULL: there is none. */
static const Elf64_Dyn *dynamic_next(struct dynamic_walk *walk)
{
    if (walk->at == walk->count) {
        long length = system_call(SYS_pread64, walk->file->descriptor, walk->block,
                                  sizeof(walk->block), walk->offset);
        walk->at = 0;
        walk->count = length > 0 ? (unsigned)length / sizeof(*walk->block) : 0;
        walk->offset += sizeof(walk->block);
    }
    if (walk->at == walk->count || walk->seen++ == MOST_ENTRIES ||
        walk->block[walk->at].d_tag == DT_NULL)
        return NULL;
    return &walk->block[walk->at++];
}

/* What a dynamic section says in one number each. */
struct dynamic_facts {
    uint64_t names, names_size; /* of the table of names: its offset in the file, and bytes */
    uint64_t flags;             /* DT_FLAGS_1 */
    unsigned libraries;         /* DT_NEEDED */
};

static void dynamic_read(const struct program_file *file, uint64_t offset,
                         struct dynamic_facts *facts)
{
    struct dynamic_walk walk = {.file = file, .offset = offset};
    const Elf64_Dyn *entry;

    *facts = (struct dynamic_facts){0};
    while ((entry = dynamic_next(&walk))) {
        if (entry->d_tag == DT_STRTAB)
            facts->names = entry->d_un.d_ptr;
        else if (entry->d_tag == DT_STRSZ)
            facts->names_size = entry->d_un.d_val;
        else if (entry->d_tag == DT_FLAGS_1)
            facts->flags = entry->d_un.d_val;
        else if (entry->d_tag == DT_NEEDED)
            facts->libraries++;
    }
    facts->names = offset_of(file, facts->names);
}

/* Libraries that look whether they are the first, and end the program where they are not. */
static bool library_must_be_first(const char *name)
{
    static const char *const names[] = {"libasan.so", "libclang_rt.asan"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Into `name`, "" where there is none of the kind. */
static void first_library_find(const struct program_file *file, uint64_t offset,
                               const struct dynamic_facts *facts, char *name, size_t size)
{
    struct dynamic_walk walk = {.file = file, .offset = offset};
    const Elf64_Dyn *entry;

    while (facts->names && (entry = dynamic_next(&walk)))
        if (entry->d_tag == DT_NEEDED &&
            text_at(file, name, size, facts->names + entry->d_un.d_val) &&
            library_must_be_first(name))
            return;
    name[0] = '\0';
}

/* Whether `text`, with the ends of strings around it, is among the file's names. */
static bool names_have(const struct program_file *file, const struct dynamic_facts *facts,
                       const char *text)
{
    char block[512];
    size_t length = strlen(text) + 1;
    uint64_t size = facts->names_size < LARGEST_NAMES ? facts->names_size : LARGEST_NAMES;

    for (uint64_t at = 0; facts->names && at < size; at += sizeof(block) - length) {
        long got =
            system_call(SYS_pread64, file->descriptor, block, sizeof(block), facts->names + at);
        for (long i = 0; i + (long)length <= got; i++)
            if (memcmp(block + i, text, length) == 0)
                return true;
    }
    return false;
}

static bool header_read(struct program_file *file)
{
    return read_at(file, &file->header, sizeof(file->header), 0) &&
           memcmp(file->header.e_ident, ELFMAG, SELFMAG) == 0;
}

static bool header_is_ours(const Elf64_Ehdr *header)
{
    return header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_machine == EM_X86_64;
}

/* A dynamic linker of glibc's kind defines the versions that the shim needs. */
static bool loader_is_glibc(const struct program_file *file)
{
    struct dynamic_facts facts;
    Elf64_Phdr segment;

    if (!segment_find(file, PT_DYNAMIC, &segment))
        return false;
    dynamic_read(file, segment.p_offset, &facts);
    return names_have(file, &facts, FIT_GLIBC);
}

/* FIT_PRELOAD, or what stands in the way. */
static enum fit loader_look(const char *path)
{
    struct program_file file;
    enum fit fit = FIT_PRELOAD; /* where it cannot be read, nothing is known against it */

    if (!file_open(&file, path))
        return fit;
    if (header_read(&file) && header_is_ours(&file.header) && !loader_is_glibc(&file))
        fit = FIT_OTHER_LIBC;
    file_close(&file);
    return fit;
}

/* Of a file without a dynamic linker.  One may be a dynamic linker itself: ld.so PROGRAM. */
static enum fit lone_look(const struct program_file *file, const char *path, bool is_dynamic,
                          const struct dynamic_facts *facts)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    if (!is_dynamic || facts->flags & DF_1_PIE)
        return FIT_STATIC;
    if (strncmp(name, "ld-", 3) == 0 || strncmp(name, "ld.", 3) == 0)
        return names_have(file, facts, FIT_GLIBC) ? FIT_PRELOAD : FIT_OTHER_LIBC;
    return FIT_OBJECT;
}

static enum fit elf_look(const struct program_file *file, const char *path, struct fit_facts *facts)
{
    struct dynamic_facts dynamic = {0};
    Elf64_Phdr segment, section;
    bool is_dynamic;

    if (!header_is_ours(&file->header))
        return FIT_OTHER_MACHINE;
    is_dynamic = segment_find(file, PT_DYNAMIC, &section);
    if (is_dynamic)
        dynamic_read(file, section.p_offset, &dynamic);
    if (!segment_find(file, PT_INTERP, &segment))
        return lone_look(file, path, is_dynamic, &dynamic);
    text_at(file, facts->interpreter, sizeof(facts->interpreter), segment.p_offset);
    if (!is_dynamic || dynamic.libraries == 0)
        return FIT_NO_LIBRARIES;
    first_library_find(file, section.p_offset, &dynamic, facts->library, sizeof(facts->library));
    return facts->library[0] ? FIT_RUNTIME_FIRST : loader_look(facts->interpreter);
}

/* A script's first line, behind #!. */
static void script_read(const struct program_file *file, struct fit_facts *facts)
{
    char *text = facts->interpreter, *begin;
    size_t length;

    facts->is_script = true;
    text_at(file, text, sizeof(facts->interpreter), 2);
    begin = text + strspn(text, " \t");
    length = strcspn(begin, "\n");
    memmove(text, begin, length);
    text[length] = '\0';
}

static enum fit file_look(struct program_file *file, const char *path, struct fit_facts *facts)
{
    char first[2];

    facts->is_script = false;
    if (header_read(file))
        return elf_look(file, path, facts);
    if (read_at(file, first, sizeof(first), 0) && first[0] == '#' && first[1] == '!')
        script_read(file, facts);
    return FIT_UNKNOWN;
}

enum fit fit_look(const char *path, struct fit_facts *facts)
{
    struct program_file file;
    struct fit_facts inner = {.fit = FIT_UNREADABLE};
    const char *at = path;

    *facts = inner;
    for (int depth = 0; depth <= DEEPEST_SCRIPT; depth++) {
        if (!file_open(&file, at)) {
            inner.fit = FIT_UNREADABLE;
            break;
        }
        inner.fit = file_look(&file, at, &inner);
        file_close(&file);
        if (depth == 0)
            *facts = inner;
        if (!inner.is_script)
            break;
        inner.interpreter[strcspn(inner.interpreter, " \t")] = '\0';
        at = inner.interpreter;
    }
    memcpy(facts->library, inner.library, sizeof(facts->library));
    facts->fit = inner.fit;
    return inner.fit;
}

bool fit_is_harmless(enum fit fit)
{
    return fit != FIT_OTHER_LIBC && fit != FIT_RUNTIME_FIRST && fit != FIT_OTHER_MACHINE;
}

const char *fit_text(enum fit fit)
{
    switch (fit) {
    case FIT_STATIC:
        return "is linked statically";
    case FIT_NO_LIBRARIES:
        return "uses no library";
    case FIT_OTHER_LIBC:
        return "is linked to another libc than the shim (musl, or an older glibc)";
    case FIT_RUNTIME_FIRST:
        return "is built with AddressSanitizer, whose library must come first";
    case FIT_OTHER_MACHINE:
        return "is for another machine";
    case FIT_OBJECT:
        return "is a shared object without an interpreter";
    case FIT_UNKNOWN:
        return "is not a program";
    case FIT_UNREADABLE:
        return "cannot be read";
    default:
        return "can be preloaded";
    }
}
