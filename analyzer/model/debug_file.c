#include "analyzer/model/debug_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/model/profile.h"

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
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        elf = elf_begin(descriptor, ELF_C_READ_MMAP, NULL);
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

Elf *debug_file_open(const char *path, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size, struct error *error)
{
    char wanted[PROFILE_BUILD_ID_TEXT], found[PROFILE_BUILD_ID_TEXT];
    const void *bytes = NULL;
    Elf *elf = open_elf(path, error);
    if (!elf)
        return NULL;
    ssize_t size = dwelf_elf_gnu_build_id(elf, &bytes);
    if (build_id_size > 0 && size == (ssize_t)build_id_size &&
        memcmp(bytes, build_id, build_id_size) == 0) {
        if (has_symbols(elf))
            return elf;
        error_set(error, ERROR_STRIPPED, path, NULL);
        elf_end(elf);
        return NULL;
    }
    bool fits = size > 0 && size <= PROFILE_BUILD_ID_MAX;
    error_set(error, ERROR_DEBUG_FILE, path, "its build-id is %s, that of %s is %s",
              build_id_text(bytes, fits ? (uint32_t)size : 0, found), binary_path,
              build_id_text(build_id, build_id_size, wanted));
    elf_end(elf);
    return NULL;
}

/* The file at a formatted path, which is freed; NULL is none. */
static Elf *try_path(char *path, const char *binary_path, const uint8_t *build_id, uint32_t size)
{
    struct error unused;
    Elf *elf = path ? debug_file_open(path, binary_path, build_id, size, &unused) : NULL;
    free(path);
    return elf;
}

static char *path_of(const char *directory, const char *middle, const char *name)
{
    char *path;
    return asprintf(&path, "%s%s%s", directory, middle, name) < 0 ? NULL : path;
}

static Elf *find_by_link(Elf *binary, const char *binary_path, const uint8_t *build_id,
                         uint32_t size)
{
    GElf_Word checksum;
    const char *name = dwelf_elf_gnu_debuglink(binary, &checksum);
    char *directory = realpath(binary_path, NULL);
    Elf *elf = NULL;
    if (name && directory && !strchr(name, '/')) {
        *strrchr(directory, '/') = '\0';
        elf = try_path(path_of(directory, "/", name), binary_path, build_id, size);
        if (!elf)
            elf = try_path(path_of(directory, "/.debug/", name), binary_path, build_id, size);
    }
    free(directory);
    return elf;
}

Elf *debug_file_find(Elf *binary, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size)
{
    char hexadecimal[PROFILE_BUILD_ID_TEXT], name[PROFILE_BUILD_ID_TEXT + sizeof("/.debug")];
    Elf *elf = NULL;
    if (build_id_size < 2 || build_id_size > PROFILE_BUILD_ID_MAX)
        return NULL;
    build_id_text(build_id, build_id_size, hexadecimal);
    snprintf(name, sizeof(name), "%.2s/%s.debug", hexadecimal, hexadecimal + 2);
    if (given_directory) {
        elf = try_path(path_of(given_directory, "/", name), binary_path, build_id, build_id_size);
        if (!elf)
            elf = try_path(path_of(given_directory, "/.build-id/", name), binary_path, build_id,
                           build_id_size);
    }
    if (!elf)
        elf = try_path(path_of(DEBUG_FILE_DIRECTORY, "/", name), binary_path, build_id,
                       build_id_size);
    return elf ? elf : find_by_link(binary, binary_path, build_id, build_id_size);
}
