#include "analyzer/read/recorded_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

/* As the dynamic linker calls it.  It is linked at 0 and mapped whole; none is larger. */
#define VDSO_NAME "linux-vdso.so.1"
#define VDSO_LIMIT 0x10000
#define ROOM_FOR_MORE 64 /* of the notes, for how many more there are */

void recorded_files_free(struct recorded_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        binary_free(files->items[i].binary);
        free(files->items[i].path);
    }
    free(files->items);
}

static size_t path_bucket(const char *path)
{
    return (size_t)(hash_bytes(path, strlen(path)) >> 20) % RECORDED_FILE_BUCKETS;
}

/* Older versions of perf filled short build-ids up with zeros. */
static uint32_t build_id_trim(const uint8_t *build_id, uint32_t size)
{
    uint32_t used = size;
    while (used > 0 && build_id[used - 1] == 0)
        used--;
    if (used == 0 || size - used < 4)
        return used == 0 ? 0 : size;
    return used <= 8 ? 8 : used <= 16 ? 16 : size;
}

bool recorded_files_find(struct recorded_files *files, const char *path, const uint8_t *build_id,
                         uint32_t size, uint32_t *number, struct error *error)
{
    uint32_t *bucket = &files->buckets[path_bucket(path)];
    uint32_t trimmed =
        build_id_trim(build_id, size <= PROFILE_BUILD_ID_MAX ? size : PROFILE_BUILD_ID_MAX);
    for (uint32_t i = *bucket; i; i = files->items[i - 1].next) {
        const struct recorded_file *file = &files->items[i - 1];
        *number = i - 1;
        if (strcmp(file->path, path) == 0 &&
            (trimmed == 0 ||
             (file->build_id_size == trimmed && memcmp(file->build_id, build_id, trimmed) == 0)))
            return true;
    }
    if (!memory_reserve(&files->items, &files->capacity, files->count + 1, sizeof(*files->items),
                        error))
        return false;
    struct recorded_file added = {
        .path = memory_copy_text(path, error), .build_id_size = trimmed, .next = *bucket};
    if (!added.path)
        return false;
    if (trimmed > 0)
        memcpy(added.build_id, build_id, trimmed);
    *number = (uint32_t)files->count++;
    files->items[*number] = added;
    *bucket = *number + 1;
    return true;
}

static void add_note(struct recorded_files *files, const char *path, const char *what)
{
    char note[512];
    char *end = files->notes + files->notes_size;
    const char *separator = files->notes_size > 0 ? "\n" : "";
    int length = snprintf(note, sizeof(note), "%s%s: %s", separator, path, what);
    bool fits = files->more_notes == 0 && length > 0 && (size_t)length < sizeof(note) &&
                files->notes_size + (size_t)length + ROOM_FOR_MORE < sizeof(files->notes);
    if (fits) {
        memcpy(end, note, (size_t)length + 1);
        files->notes_size += (size_t)length;
        return;
    }
    files->more_notes++;
    snprintf(end, ROOM_FOR_MORE, "%s%u more files have such notes", separator, files->more_notes);
}

/* What the system adds to the path of a file that was deleted, or replaced, while mapped. */
static size_t deleted_suffix(const char *path)
{
    static const char suffix[] = " (deleted)";
    size_t size = strlen(path);
    size_t suffix_size = sizeof(suffix) - 1;
    return size > suffix_size && strcmp(path + size - suffix_size, suffix) == 0 ? suffix_size : 0;
}

/* Opens what is at the file's path now, where that is the file. */
static bool open_recorded(struct recorded_files *files, struct recorded_file *file, size_t suffix,
                          struct error *error)
{
    struct error unused;
    uint32_t size = 0;
    char *path;
    if (*file->path != '/')
        return true;
    if (suffix > 0 && file->build_id_size == 0)
        return true; /* nothing tells whether it came back */
    path = memory_copy_text(file->path, error);
    if (!path)
        return false;
    path[strlen(path) - suffix] = '\0';
    file->binary = binary_open(path, &unused);
    free(path);
    if (!file->binary)
        return true;
    const uint8_t *build_id = binary_build_id(file->binary, &size);
    if (!build_id_same(file->build_id, file->build_id_size, build_id, size) &&
        file->build_id_size > 0) {
        binary_free(file->binary);
        file->binary = NULL;
    } else if (size > 0 && file->build_id_size == 0) {
        memcpy(file->build_id, build_id, size);
        file->build_id_size = size;
        add_note(files, file->path, "no build-id was recorded, taken for the file as it is now");
    } else if (size != file->build_id_size) {
        memcpy(file->build_id, build_id, size); /* perf keeps its beginning, or fills it up */
        file->build_id_size = size;
    }
    return true;
}

bool recorded_file_resolve(struct recorded_files *files, struct recorded_file *file, bool is_main,
                           struct error *error)
{
    size_t suffix = deleted_suffix(file->path);
    struct module module = {.is_main = is_main};
    file->is_resolved = true;
    if (!open_recorded(files, file, suffix, error))
        return false;
    bool is_vdso = strcmp(file->path, RECORDED_VDSO) == 0;
    module.path = memory_copy_text(is_vdso ? VDSO_NAME : file->path, error);
    if (!module.path)
        return false;
    /* Without a build-id, the name alone tells it from what is at the path now. */
    if (file->build_id_size > 0)
        module.path[strlen(module.path) - suffix] = '\0';
    module.build_id_size = file->build_id_size;
    memcpy(module.build_id, file->build_id, file->build_id_size);
    if (file->binary) {
        binary_range(file->binary, &module.low_address, &module.high_address);
    } else if (is_vdso) {
        module.high_address = VDSO_LIMIT;
    } else {
        module.has_file_offsets = true;
        add_note(files, file->path,
                 "not here as it was recorded, so its addresses are file offsets until "
                 "convert -b names it");
    }
    bool done = profile_add_module(files->profile, &module, &file->module, error);
    free(module.path);
    return done;
}
