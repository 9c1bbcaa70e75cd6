/*
 * The files that a perf recording names: each path with each build-id once, and, when an address of
 * it is first wanted, the binary on this machine where that is the same build.
 */
#ifndef ANALYZER_READ_RECORDED_FILES_H
#define ANALYZER_READ_RECORDED_FILES_H

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

#define RECORDED_FILE_BUCKETS 4096
#define RECORDED_VDSO "[vdso]" /* the kernel's code in each process: no file, but a module */

/* A file that was mapped, or whose build-id is known. */
struct recorded_file {
    char *path;
    uint8_t build_id[PROFILE_BUILD_ID_MAX];
    uint32_t build_id_size;
    bool is_resolved; /* the rest is known */
    uint32_t module;
    struct binary *binary; /* NULL: not on this machine, or another build */
    uint32_t next;         /* index + 1 of the next one in the bucket */
};

/* Begins as zeros with the profile that modules are added to. */
struct recorded_files {
    struct profile *profile;
    struct recorded_file *items;
    size_t count, capacity;
    uint32_t buckets[RECORDED_FILE_BUCKETS]; /* index + 1 */
    char notes[1024];  /* what the user should know of the files that were looked for: lines */
    size_t notes_size; /* of those of single files; how many more there are comes behind them */
    uint32_t more_notes;
};

/* Closes the binaries; the modules stay in the profile. */
void recorded_files_free(struct recorded_files *files);

/*
 * The number of the file of that path and build-id, added where it is not known; without a
 * build-id (size 0), the first that is known at the path.
 */
bool recorded_files_find(struct recorded_files *files, const char *path, const uint8_t *build_id,
                         uint32_t size, uint32_t *number, struct error *error);

/* Looks for the file on this machine and makes it a module. */
bool recorded_file_resolve(struct recorded_files *files, struct recorded_file *file, bool is_main,
                           struct error *error);

#endif
