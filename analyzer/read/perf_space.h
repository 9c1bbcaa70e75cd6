/*
 * The address spaces of recorded processes: a perf recording tells what was mapped where,
 * and that tells which place of which binary an address is.
 */
#ifndef ANALYZER_READ_PERF_SPACE_H
#define ANALYZER_READ_PERF_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"

struct perf_mapping {
    uint32_t process;
    uint64_t start, length;
    uint64_t offset; /* of its first byte in the file */
    const char *path;
    const uint8_t *build_id; /* build_id_size 0: the record has none */
    uint32_t build_id_size;
};

struct perf_spaces;

/*
 * In the place of a process, where the recording does not tell whose an address is: it is
 * looked for in all processes.
 */
#define PERF_PROCESS_UNKNOWN UINT32_MAX

/*
 * Nothing mapped yet, or NULL with ERROR_MEMORY.  Modules are added to the
 * profile as they are needed; `path` is the recording's, for errors.
 */
struct perf_spaces *perf_spaces_new(const char *path, struct profile *profile, struct error *error);
void perf_spaces_free(struct perf_spaces *spaces);

/* The build-id of the file at a path, for mappings whose record has none. */
bool perf_add_build_id(struct perf_spaces *spaces, const char *path, const uint8_t *build_id,
                       uint32_t size, struct error *error);

bool perf_map(struct perf_spaces *spaces, const struct perf_mapping *mapping, struct error *error);
/* The child has what the parent has, until either maps something else. */
bool perf_fork(struct perf_spaces *spaces, uint32_t child, uint32_t parent, struct error *error);
/* The process begins anew with nothing. */
bool perf_exec(struct perf_spaces *spaces, uint32_t process, struct error *error);

/*
 * Code of no known file is PROFILE_MODULE_OUTSIDE, and so is an address of an unknown
 * process where the processes have different code: it counts as ambiguous.
 */
bool perf_locate(struct perf_spaces *spaces, uint32_t process, uint64_t address,
                 struct location *location, struct error *error);

/*
 * Turns an offset in the file at a path into the address where the process has it; perf
 * script writes the frames of call stacks as offsets.  True also where it is an address of
 * the process as it is, false where the process has nothing there or of that path.
 */
bool perf_address_of_offset(const struct perf_spaces *spaces, uint32_t process, const char *path,
                            uint64_t *address);

/* Whether the process (or any, where it is not known) has code of a file there. */
bool perf_is_mapped(const struct perf_spaces *spaces, uint32_t process, uint64_t address);

/* How many addresses of unknown processes were ambiguous. */
uint64_t perf_spaces_ambiguous(const struct perf_spaces *spaces);

/* What the user should know of the files that were looked for: lines, perhaps none. */
const char *perf_spaces_notes(const struct perf_spaces *spaces);

/* The path and the process of the first program that was mapped, or NULL. */
const char *perf_spaces_program(const struct perf_spaces *spaces, uint32_t *process);

#endif
