#include "analyzer/model/binary/separate_debug_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/text.h"
#include "analyzer/model/binary/debuginfod.h"
#include "analyzer/model/binary/zstd_sections.h"
#include "analyzer/model/profile/profile.h"

static const char *given_directory;

void debug_file_set_directory(const char *directory)
{
    given_directory = directory;
}

static Elf *open_elf(const char *path, struct error *error)
{
    struct stat status;
    Elf *elf = NULL;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        error_set_errno(error, ERROR_OPEN, path);
        return NULL;
    }
    elf_version(EV_CURRENT);
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        descriptor = zstd_sections_expand(descriptor);
        elf = elf_begin(descriptor, ELF_C_READ_MMAP, NULL);
    }
    if (elf)
        elf_cntl(elf, ELF_C_FDREAD);
    close(descriptor);
    if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64)
        return elf;
    error_set(error, ERROR_NOT_ELF, path, NULL);
    elf_end(elf);
    return NULL;
}

static bool has_symbols(Elf *elf)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    while ((section = elf_nextscn(elf, section))) {
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
            return true;
    }
    return false;
}

static bool has_build_id(Elf *elf, const uint8_t *build_id, uint32_t build_id_size)
{
    const void *bytes = NULL;
    ssize_t size = dwelf_elf_gnu_build_id(elf, &bytes);
    if (size > BUILD_ID_MAX)
        size = BUILD_ID_MAX;
    return build_id_size > 0 && size == (ssize_t)build_id_size &&
           memcmp(bytes, build_id, build_id_size) == 0;
}

Elf *debug_file_open(const char *path, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size, struct error *error)
{
    char wanted[PROFILE_BUILD_ID_TEXT], found[PROFILE_BUILD_ID_TEXT];
    const void *bytes = NULL;
    Elf *elf = open_elf(path, error);
    if (!elf)
        return NULL;
    if (has_build_id(elf, build_id, build_id_size)) {
        if (has_symbols(elf))
            return elf;
        error_set(error, ERROR_STRIPPED, path, NULL);
        elf_end(elf);
        return NULL;
    }
    ssize_t size = dwelf_elf_gnu_build_id(elf, &bytes);
    bool fits = size > 0 && size <= BUILD_ID_MAX;
    error_set(error, ERROR_DEBUG_FILE, path, "its build-id is %s, that of %s is %s",
              build_id_text(bytes, fits ? (uint32_t)size : 0, found), binary_path,
              build_id_text(build_id, build_id_size, wanted));
    elf_end(elf);
    return NULL;
}

static char *path_of(const char *directory, const char *middle, const char *name)
{
    char *path;
    return asprintf(&path, "%s%s%s", directory, middle, name) < 0 ? NULL : path;
}

/* The directory that the file is in, without links; the caller frees it.  NULL: there is none. */
static char *directory_of(const char *file)
{
    char *directory = realpath(file, NULL);
    if (directory)
        *strrchr(directory, '/') = '\0';
    return directory;
}

/* --- by build-id ---------------------------------------------------------------- */

/* What is wanted of a file found: the symbols of a binary, or its shared debug information. */
struct wanted {
    const char *binary_path;
    const uint8_t *build_id;
    uint32_t build_id_size;
    bool is_shared;
};

/* The file at a formatted path, which is freed; NULL is none. */
static Elf *try_path(char *path, const struct wanted *wanted)
{
    struct error unused;
    Elf *elf = NULL;
    if (path && wanted->is_shared) {
        elf = open_elf(path, &unused);
        if (elf && !has_build_id(elf, wanted->build_id, wanted->build_id_size)) {
            elf_end(elf);
            elf = NULL;
        }
    } else if (path) {
        elf = debug_file_open(path, wanted->binary_path, wanted->build_id, wanted->build_id_size,
                              &unused);
    }
    free(path);
    return elf;
}

static Elf *find_in_directories(const struct wanted *wanted)
{
    char hexadecimal[PROFILE_BUILD_ID_TEXT], name[PROFILE_BUILD_ID_TEXT + sizeof("/.debug")];
    Elf *elf = NULL;
    build_id_text(wanted->build_id, wanted->build_id_size, hexadecimal);
    snprintf(name, sizeof(name), "%.2s/%s.debug", hexadecimal, hexadecimal + 2);
    if (given_directory) {
        elf = try_path(path_of(given_directory, "/", name), wanted);
        if (!elf)
            elf = try_path(path_of(given_directory, "/.build-id/", name), wanted);
    }
    return elf ? elf : try_path(path_of(DEBUG_FILE_DIRECTORY, "/", name), wanted);
}

static Elf *find_by_link(Elf *binary, const struct wanted *wanted)
{
    GElf_Word checksum;
    const char *name = dwelf_elf_gnu_debuglink(binary, &checksum);
    char *directory = directory_of(wanted->binary_path);
    Elf *elf = NULL;
    if (name && directory && !strchr(name, '/')) {
        elf = try_path(path_of(directory, "/", name), wanted);
        if (!elf)
            elf = try_path(path_of(directory, "/.debug/", name), wanted);
    }
    free(directory);
    return elf;
}

Elf *debug_file_find(Elf *binary, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size)
{
    struct wanted wanted = {binary_path, build_id, build_id_size, false};
    if (build_id_size < 2 || build_id_size > BUILD_ID_MAX)
        return NULL;
    Elf *elf = find_in_directories(&wanted);
    if (!elf)
        elf = find_by_link(binary, &wanted);
    return elf ? elf : try_path(debuginfod_find(build_id, build_id_size), &wanted);
}

/* --- shared by several binaries ------------------------------------------------- */

/* By name: as it is, where it is absolute, else from where the binary is. */
static Elf *find_by_name(const char *name, const struct wanted *wanted)
{
    if (*name == '/')
        return try_path(strdup(name), wanted);
    char *directory = directory_of(wanted->binary_path);
    Elf *elf = directory ? try_path(path_of(directory, "/", name), wanted) : NULL;
    free(directory);
    return elf;
}

bool debug_file_find_shared(Dwarf *dwarf, const char *binary_path, Elf **shared,
                            struct error *error)
{
    const char *name;
    const void *build_id;
    char hexadecimal[PROFILE_BUILD_ID_TEXT];
    ssize_t size = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &build_id);
    *shared = NULL;
    if (size <= 0)
        return true;
    struct wanted wanted = {binary_path, build_id, (uint32_t)size, true};
    if (size >= 2 && size <= BUILD_ID_MAX) {
        *shared = find_by_name(name, &wanted);
        if (!*shared)
            *shared = find_in_directories(&wanted);
        if (!*shared)
            *shared = try_path(debuginfod_find(build_id, (uint32_t)size), &wanted);
    }
    if (*shared)
        return true;
    build_id_text(build_id, size <= BUILD_ID_MAX ? (uint32_t)size : 0, hexadecimal);
    error_set(error, ERROR_NO_DEBUG_INFO, binary_path,
              "%s, which it shares debug information with (dwz -m), is not found; its build-id is "
              "%s: put it there, or name its directory with --debug-dir",
              name, hexadecimal);
    return false;
}

/* --- split DWARF ---------------------------------------------------------------- */

char *debug_file_package_path(const char *binary_path, unsigned attempt)
{
    char *path = NULL;
    char *whole;
    switch (attempt) {
    case 0:
        return path_of(binary_path, ".dwp", "");
    case 1:
        whole = realpath(binary_path, NULL);
        path = whole ? path_of(whole, ".dwp", "") : strdup(binary_path);
        free(whole);
        return path;
    case 2:
        if (!given_directory ||
            asprintf(&path, "%s/%s.dwp", given_directory, text_file_name(binary_path)) < 0)
            return NULL;
        return path;
    default:
        return NULL;
    }
}

/* Where the compiler put it, where the binary is now, and where the user says. */
char *debug_file_split_path(const char *binary_path, const char *directory, const char *name,
                            unsigned attempt)
{
    char *beside, *path;
    switch (attempt) {
    case 0:
        return *name == '/' || !directory ? strdup(name) : path_of(directory, "/", name);
    case 1:
    case 2:
        beside = directory_of(binary_path);
        path = path_of(beside ? beside : ".", "/", attempt == 1 ? name : text_file_name(name));
        free(beside);
        return path;
    case 3:
    case 4:
        return given_directory
                   ? path_of(given_directory, "/", attempt == 3 ? name : text_file_name(name))
                   : NULL;
    default:
        return NULL;
    }
}
