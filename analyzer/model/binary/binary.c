#include "analyzer/model/binary/binary.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary_symbols.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/section_bytes.h"
#include "analyzer/model/binary/separate_debug_file.h"
#include "analyzer/model/binary/zstd_sections.h"

#define PAGE_BYTES 4096
#define NOTE_HEAD_BYTES 16 /* three numbers, and "GNU" with its end */

/* --- reading ------------------------------------------------------------------ */

static bool read_segments(struct binary *binary, struct error *error)
{
    size_t count;
    if (elf_getphdrnum(binary->elf, &count) != 0)
        return binary_garbled(binary, error);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(binary->elf, (int)i, &segment))
            return binary_garbled(binary, error);
        if (segment.p_type == PT_INTERP)
            binary->has_interpreter = true;
        if (segment.p_type != PT_LOAD)
            continue;
        uint64_t end = count_add(segment.p_vaddr, segment.p_memsz);
        if (!binary->has_segments) {
            binary->first_segment = binary->low_address = segment.p_vaddr;
            binary->has_segments = true;
        }
        if (segment.p_vaddr < binary->low_address)
            binary->low_address = segment.p_vaddr;
        if (end > binary->high_address)
            binary->high_address = end;
    }
    if (!binary->has_segments) {
        error_set(error, ERROR_NOT_ELF, binary->path, "it has no loadable segments");
        return false;
    }
    return true;
}

static bool read_dynamic(struct binary *binary, Elf_Scn *section, const GElf_Shdr *header,
                         struct error *error)
{
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data)
        return binary_garbled(binary, error);
    for (size_t i = 0; header->sh_entsize > 0 && i < data->d_size / header->sh_entsize; i++) {
        GElf_Dyn entry;
        if (!gelf_getdyn(data, (int)i, &entry))
            return binary_garbled(binary, error);
        if (entry.d_tag == DT_SONAME)
            binary->has_soname = true;
        if (entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_PIE)
            binary->has_pie_flag = true;
        if (entry.d_tag == DT_BIND_NOW ||
            (entry.d_tag == DT_FLAGS && entry.d_un.d_val & DF_BIND_NOW) ||
            (entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_NOW))
            binary->binds_now = true;
        if (entry.d_tag == DT_JMPREL)
            binary->has_jump_slots = true;
    }
    return true;
}

static bool add_section(struct binary *binary, const struct binary_section *added,
                        struct error *error)
{
    if (!added->bytes || added->size == 0)
        return true;
    if (!memory_reserve(&binary->sections, &binary->section_capacity, binary->section_count + 1,
                        sizeof(*binary->sections), error))
        return false;
    size_t place = binary->section_count++;
    while (place > 0 && binary->sections[place - 1].address > added->address) {
        binary->sections[place] = binary->sections[place - 1];
        place--;
    }
    binary->sections[place] = *added;
    return true;
}

static bool add_section_of_table(struct binary *binary, Elf_Scn *section, const GElf_Shdr *header,
                                 const char *name, struct error *error)
{
    Elf_Data *data = elf_rawdata(section, NULL);
    if (!data)
        return binary_garbled(binary, error);
    struct binary_section added = {.index = elf_ndxscn(section),
                                   .is_code = (header->sh_flags & SHF_EXECINSTR) != 0,
                                   .name = name,
                                   .address = header->sh_addr,
                                   .bytes = data->d_buf,
                                   .size = data->d_size};
    return add_section(binary, &added, error);
}

/* Where the section table was stripped off (sstrip), code is what the segments say. */
static bool add_segments(struct binary *binary, struct error *error)
{
    size_t count, size;
    const char *bytes = elf_rawfile(binary->elf, &size);
    if (!bytes || elf_getphdrnum(binary->elf, &count) != 0)
        return binary_garbled(binary, error);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(binary->elf, (int)i, &segment))
            return binary_garbled(binary, error);
        if (segment.p_type != PT_LOAD || segment.p_offset >= size)
            continue;
        uint64_t rest = size - segment.p_offset;
        struct binary_section added = {.is_code = (segment.p_flags & PF_X) != 0,
                                       .name = "",
                                       .address = segment.p_vaddr,
                                       .bytes = (const uint8_t *)bytes + segment.p_offset,
                                       .size = segment.p_filesz < rest ? segment.p_filesz : rest};
        if (!add_section(binary, &added, error))
            return false;
    }
    return true;
}

/* For searches: see binary_section_at(). */
static void measure_sections(struct binary *binary)
{
    uint64_t reach = 0;
    for (size_t i = 0; i < binary->section_count; i++) {
        struct binary_section *section = &binary->sections[i];
        uint64_t end = count_add(section->address, section->size);
        section->reach = reach = end > reach ? end : reach;
        if (section->is_code && (!binary->sections[binary->most_code].is_code ||
                                 section->size > binary->sections[binary->most_code].size))
            binary->most_code = i;
    }
}

#define SHT_COMPACT_RELOCATIONS 0x40000014 /* SHT_CREL */

/*
 * Relocations that the linker left in: llvm-bolt looks for those of .text, whatever it has of
 * other sections, and reads no compact ones.
 */
static void look_for_relocations(struct binary *binary, const GElf_Shdr *header, size_t names)
{
    GElf_Shdr target;
    Elf_Scn *section;
    const char *name;
    if ((header->sh_type != SHT_RELA && header->sh_type != SHT_COMPACT_RELOCATIONS) ||
        header->sh_flags & SHF_ALLOC || header->sh_size == 0)
        return;
    section = elf_getscn(binary->elf, header->sh_info);
    if (!section || !gelf_getshdr(section, &target) || !(target.sh_flags & SHF_EXECINSTR))
        return;
    name = elf_strptr(binary->elf, names, target.sh_name);
    if (!name || strcmp(name, ".text") != 0)
        return;
    if (header->sh_type == SHT_RELA)
        binary->has_relocations = true;
    else
        binary->has_compact_relocations = true;
}

/* llvm-bolt looks for its sections; its note may have been taken out. */
static bool is_of_bolt(const char *section)
{
    static const char moved[] = ".bolt.org.";
    return strcmp(section, ".note.bolt_info") == 0 || strcmp(section, ".bolt.text") == 0 ||
           strncmp(section, moved, sizeof(moved) - 1) == 0;
}

static bool read_sections(struct binary *binary, struct error *error)
{
    size_t names;
    Elf_Scn *section = NULL;
    if (elf_getshdrstrndx(binary->elf, &names) != 0)
        return binary_garbled(binary, error);
    while ((section = elf_nextscn(binary->elf, section))) {
        GElf_Shdr header;
        const char *name;
        if (!gelf_getshdr(section, &header))
            return binary_garbled(binary, error);
        name = elf_strptr(binary->elf, names, header.sh_name);
        if (!name)
            return binary_garbled(binary, error);
        if (header.sh_type == SHT_SYMTAB)
            binary->has_symbols = true;
        if (strcmp(name, ".debug_info") == 0)
            binary->has_debug_info = true;
        if (is_of_bolt(name))
            binary->is_bolted = true;
        if (strcmp(name, ".note.bolt_bat") == 0)
            binary->has_translation = true;
        look_for_relocations(binary, &header, names);
        if (header.sh_type == SHT_DYNAMIC && !read_dynamic(binary, section, &header, error))
            return false;
        if (header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_ALLOC &&
            !add_section_of_table(binary, section, &header, name, error))
            return false;
    }
    if (!elf_nextscn(binary->elf, NULL) && !add_segments(binary, error))
        return false;
    measure_sections(binary);
    return true;
}

static bool read_build_id(struct binary *binary)
{
    const void *bytes;
    ssize_t size = dwelf_elf_gnu_build_id(binary->elf, &bytes);
    /* libelf reads no note whose end is not aligned, such as one of a single byte. */
    struct section_bytes note = section_bytes_of(binary->elf, ".note.gnu.build-id");
    uint64_t stated;
    if (size <= 0 && section_bytes_number(&note, 4, 4, &stated) && stated > 0 &&
        stated <= note.size && note.size - stated >= NOTE_HEAD_BYTES) {
        bytes = note.bytes + NOTE_HEAD_BYTES;
        size = (ssize_t)stated;
    }
    if (size > 0) {
        binary->build_id_size = size < BUILD_ID_MAX ? (uint32_t)size : BUILD_ID_MAX;
        memcpy(binary->build_id, bytes, binary->build_id_size);
    }
    return true;
}

static bool check_kind(struct binary *binary, struct error *error)
{
    size_t size;
    if (elf_kind(binary->elf) != ELF_K_ELF || !gelf_getehdr(binary->elf, &binary->header)) {
        error_set(error, ERROR_NOT_ELF, binary->path, NULL);
        return false;
    }
    if (binary->header.e_type != ET_EXEC && binary->header.e_type != ET_DYN) {
        error_set(error, ERROR_NOT_ELF, binary->path, "%s",
                  binary->header.e_type == ET_REL ? "it is an object file, not linked yet"
                                                  : "it is of another ELF type");
        return false;
    }
    /* libelf shows a file without sections then. */
    if (elf_rawfile(binary->elf, &size) && binary->header.e_shoff > 0 &&
        binary->header.e_shoff >= size) {
        error_set(error, ERROR_ELF_GARBLED, binary->path,
                  "it is cut short: it ends before its section table at byte %" PRIu64,
                  (uint64_t)binary->header.e_shoff);
        return false;
    }
    return true;
}

static bool open_elf(struct binary *binary, struct error *error)
{
    struct stat status;
    int descriptor = open(binary->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        error_set_errno(error, ERROR_OPEN, binary->path);
        return false;
    }
    if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode)) {
        error_set(error, ERROR_NOT_ELF, binary->path, "%s",
                  S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file");
        close(descriptor);
        return false;
    }
    descriptor = zstd_sections_expand(descriptor);
    elf_version(EV_CURRENT);
    binary->elf = elf_begin(descriptor, ELF_C_READ_MMAP, NULL);
    if (binary->elf)
        elf_cntl(binary->elf, ELF_C_FDREAD);
    close(descriptor);
    if (!binary->elf) {
        error_set(error, ERROR_NOT_ELF, binary->path, "%s", elf_errmsg(-1));
        return false;
    }
    return true;
}

static bool find_debug_file(struct binary *binary)
{
    if (!binary->has_symbols || !binary->has_debug_info)
        binary->debug_file =
            debug_file_find(binary->elf, binary->path, binary->build_id, binary->build_id_size);
    return true;
}

struct binary *binary_open(const char *path, struct error *error)
{
    struct binary *binary = calloc(1, sizeof(*binary));
    if (!binary) {
        memory_exhausted(error);
        return NULL;
    }
    binary->attachment = calloc(1, sizeof(*binary->attachment));
    if (!binary->attachment)
        memory_exhausted(error);
    else
        binary->path = memory_copy_text(path, error);
    if (binary->path && open_elf(binary, error) && check_kind(binary, error) &&
        read_segments(binary, error) && read_sections(binary, error) && read_build_id(binary) &&
        find_debug_file(binary) && binary_read_functions(binary, error))
        return binary;
    binary_free(binary);
    return NULL;
}

bool binary_use_debug_file(struct binary *binary, const char *path, struct error *error)
{
    Elf *elf = debug_file_open(path, binary->path, binary->build_id, binary->build_id_size, error);
    if (!elf)
        return false;
    elf_end(binary->mini_symbols);
    elf_end(binary->debug_file);
    binary->debug_file = elf;
    binary->function_count = 0;
    return binary_read_functions(binary, error);
}

void binary_free(struct binary *binary)
{
    if (!binary)
        return;
    if (binary->attachment && binary->attachment->kept)
        binary->attachment->free(binary->attachment->kept);
    free(binary->attachment);
    for (size_t i = 0; i < binary->name_count; i++)
        free(binary->names[i]);
    free(binary->names);
    free(binary->functions);
    free(binary->sections);
    elf_end(binary->debug_file);
    elf_end(binary->mini_symbols);
    elf_end(binary->elf);
    free(binary->path);
    free(binary);
}

/* --- answers ------------------------------------------------------------------- */

const char *binary_path(const struct binary *binary)
{
    return binary->path;
}

char *machine_text(unsigned machine, char text[32])
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {
        {EM_386, "i386"},        {EM_X86_64, "x86-64"}, {EM_ARM, "ARM"},
        {EM_AARCH64, "AArch64"}, {EM_RISCV, "RISC-V"},  {EM_PPC64, "64-bit PowerPC"},
        {EM_S390, "s390"},       {EM_MIPS, "MIPS"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].machine == machine) {
            snprintf(text, 32, "%s", names[i].name);
            return text;
        }
    }
    snprintf(text, 32, "ELF machine %u", machine);
    return text;
}

uint16_t binary_machine(const struct binary *binary)
{
    return binary->header.e_machine;
}

bool binary_is_64_bit(const struct binary *binary)
{
    return binary->header.e_ident[EI_CLASS] == ELFCLASS64;
}

bool binary_is_big_endian(const struct binary *binary)
{
    return binary->header.e_ident[EI_DATA] == ELFDATA2MSB;
}

uint16_t binary_elf_type(const struct binary *binary)
{
    return binary->header.e_type;
}

/* A shared object may name an interpreter too (libc.so.6 runs), but it has its own name. */
bool binary_is_pie(const struct binary *binary)
{
    return binary->header.e_type == ET_DYN &&
           (binary->has_pie_flag || (binary->has_interpreter && !binary->has_soname));
}

bool binary_is_shared_object(const struct binary *binary)
{
    return binary->header.e_type == ET_DYN && !binary_is_pie(binary);
}

bool binary_binds_now(const struct binary *binary)
{
    return binary->binds_now;
}

bool binary_binds_lazily(const struct binary *binary)
{
    return binary->has_jump_slots && !binary->binds_now;
}

bool binary_is_stripped(const struct binary *binary)
{
    return !binary->has_symbols;
}

bool binary_has_symbols(const struct binary *binary)
{
    return binary_table_has_symbols(binary);
}

bool binary_has_fs_discriminators(const struct binary *binary)
{
    return binary->has_fs_discriminators;
}

bool binary_has_compact_relocations(const struct binary *binary)
{
    return binary->has_compact_relocations && !binary->has_relocations;
}

bool binary_has_relocations(const struct binary *binary)
{
    return binary->has_relocations;
}

bool binary_has_code(const struct binary *binary)
{
    for (size_t i = 0; i < binary->section_count; i++)
        if (binary->sections[i].is_code)
            return true;
    return false;
}

bool binary_is_bolted(const struct binary *binary)
{
    return binary->is_bolted;
}

bool binary_has_translation(const struct binary *binary)
{
    return binary->has_translation;
}

const uint8_t *binary_build_id(const struct binary *binary, uint32_t *size)
{
    *size =
        binary->build_id_size < PROFILE_BUILD_ID_MAX ? binary->build_id_size : PROFILE_BUILD_ID_MAX;
    return binary->build_id_size > 0 ? binary->build_id : NULL;
}

uint64_t binary_first_segment(const struct binary *binary)
{
    return binary->first_segment;
}

void binary_range(const struct binary *binary, uint64_t *next, uint64_t *high)
{
    *next = binary->low_address;
    *high = binary->high_address;
}

void binary_first_code(const struct binary *binary, uint64_t *page, uint64_t *bias)
{
    size_t count;
    *page = *bias = 0;
    if (elf_getphdrnum(binary->elf, &count) != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(binary->elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
            !(segment.p_flags & PF_X))
            continue;
        *page = segment.p_vaddr & ~(uint64_t)(PAGE_BYTES - 1);
        *bias = segment.p_vaddr - segment.p_offset;
        return;
    }
}

bool binary_link_bias(const struct binary *binary, uint64_t offset, uint64_t size, uint64_t *bias)
{
    size_t count;
    uint64_t end = count_add(offset, size);
    uint64_t most = 0;
    if (elf_getphdrnum(binary->elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(binary->elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
            !(segment.p_flags & PF_X))
            continue;
        uint64_t next = segment.p_offset > offset ? segment.p_offset : offset;
        uint64_t high = count_add(segment.p_offset, segment.p_filesz);
        if (high > end)
            high = end;
        /* Mappings are whole pages and so may have the edge of another segment in them. */
        if (high > next && high - next > most) {
            most = high - next;
            *bias = segment.p_vaddr - segment.p_offset;
        }
    }
    return most > 0;
}

size_t binary_function_count(const struct binary *binary)
{
    return binary->function_count;
}

const struct function *binary_function(const struct binary *binary, size_t index)
{
    return &binary->functions[index];
}

const struct function *binary_function_at(const struct binary *binary, uint64_t address)
{
    size_t next = SEARCH_COUNT(binary->function_count, i, binary->functions[i].address <= address);
    if (next == 0)
        return NULL;
    const struct function *function = &binary->functions[next - 1];
    return address - function->address < function->extent ? function : NULL;
}

static const uint8_t *bytes_at(const struct binary_section *section, uint64_t address, size_t *size)
{
    *size = section ? section->size - (address - section->address) : 0;
    return section ? section->bytes + (address - section->address) : NULL;
}

const uint8_t *binary_code_at(const struct binary *binary, uint64_t address, size_t *size)
{
    return bytes_at(binary_code_section_at(binary, address), address, size);
}

const uint8_t *binary_bytes_at(const struct binary *binary, uint64_t address, size_t *size)
{
    return bytes_at(binary_section_at(binary, address), address, size);
}

struct binary_attachment *binary_attachment(const struct binary *binary)
{
    return binary->attachment;
}
