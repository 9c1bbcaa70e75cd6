/*
 * The functions of a binary by name: who compiled them from which source, and with which
 * checksum of their code.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_BUILT_CODE_H
#define BOLT_BRIDGE_TOOLCHAIN_BUILT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/compilation.h"
#include "analyzer/model/debug/pseudo_probes.h"

struct built_name {
    const char *name;
    size_t size; /* of the name without suffixes */
    uint64_t address;
};

/* Begins as {0}.  Names are the binary's, which has to live as long. */
struct built_code {
    struct built_name *items; /* by name */
    size_t count;
    char **plain; /* names without paths and hashes, of those that have any, in order */
    size_t plain_count;
    struct compilation compilation;
    struct pseudo_probes *probes;         /* NULL: checksums were not read, or there are none */
    const struct probe_function **probed; /* by name; one more than once */
    size_t probed_count;
};

/* The caller frees it also after a failure: ERROR_MEMORY. */
bool built_code_read(struct built_code *known, const struct binary *binary, struct error *error);
/* Those of pseudo-probes.  ERROR_MEMORY, ERROR_ELF_GARBLED. */
bool built_code_read_checksums(struct built_code *known, const struct binary *binary,
                               struct error *error);
void built_code_free(struct built_code *known);

/* The code of a function with that name (*range NULL: nothing tells of it); false: there is none.
 */
bool built_code_find(const struct built_code *known, const struct built_name *wanted,
                     const struct compiled_range **range);

/*
 * A unit of the same source, by its path, else by the name that its compiler was given, which is
 * the same in a tree that was moved; NULL: there is none.
 */
const struct compiled_unit *built_code_find_unit(const struct built_code *known,
                                                 const struct compiled_unit *wanted);

/* Whether a function is there whose name differs in its path or hash alone. */
bool built_code_has_renamed(const struct built_code *known, const struct built_name *wanted);

/* Whether the function is there, and was compiled from other code. */
bool built_code_has_other_checksum(const struct built_code *known, const char *name, size_t size,
                                   uint64_t checksum);

/*
 * Copies a name without what depends on where its source is, or on how cargo was called:
 * clang's .__uniq.NUMBER, the hashes that rustc gives crates.  `plain` has size + 1 bytes;
 * false: it has nothing of that kind.
 */
bool built_plain_name(const char *name, size_t size, char *plain);

#endif
