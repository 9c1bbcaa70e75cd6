/*
 * LLVM's pseudo-probes: marks that the compiler left at instructions (clang -fpseudo-
 * probe-for-profiling), each with its number in its function, and in which inlined copy of
 * that function.  Read from .pseudo_probe and .pseudo_probe_desc; the encoding is that of
 * llvm/lib/MC/MCPseudoProbe.cpp.
 */
#ifndef ANALYZER_MODEL_DEBUG_PSEUDO_PROBES_H
#define ANALYZER_MODEL_DEBUG_PSEUDO_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

/* A function that has probes, wherever its code went. */
struct probe_function {
    uint64_t guid;
    uint64_t checksum; /* of its control flow graph when probes were put in */
    const char *name;
    size_t name_size; /* bytes; the name has no NUL */
};

#define PROBE_NO_COPY UINT32_MAX

/* The code of a function, or a copy of it that was inlined. */
struct probe_copy {
    const struct probe_function *function; /* NULL where it is not described */
    uint32_t caller;                       /* number of a copy; PROBE_NO_COPY: not inlined */
    uint32_t call;                         /* the caller's probe where it was inlined */
};

struct pseudo_probe {
    uint64_t address; /* of the instruction that it is at */
    uint32_t copy;
    uint32_t number; /* 1 is the function's entry */
    uint32_t discriminator;
    uint32_t order; /* in the file */
    bool is_call;
};

struct pseudo_probes;

/* Whether the binary has both sections. */
bool binary_has_probes(const struct binary *binary);

/*
 * All probes of a binary, which must outlive them.  Those of functions that no
 * symbol places, or several of one name do, are left out.  ERROR_ELF_GARBLED.  pseudo_probes_free
 * takes NULL.
 */
struct pseudo_probes *pseudo_probes_open(const struct binary *binary, struct error *error);
void pseudo_probes_free(struct pseudo_probes *probes);

/* Those from `start` on and before `end`: by address, then as in the file. */
const struct pseudo_probe *pseudo_probes_between(const struct pseudo_probes *probes, uint64_t start,
                                                 uint64_t end, size_t *count);

/* Callers have smaller numbers than what is inlined into them. */
size_t pseudo_probes_copy_count(const struct pseudo_probes *probes);
const struct probe_copy *pseudo_probes_copy(const struct pseudo_probes *probes, uint32_t number);

/* Where the function symbol of that GUID is; false where there is none or more than one. */
bool pseudo_probes_symbol(const struct pseudo_probes *probes, uint64_t guid, uint64_t *address);

#endif
