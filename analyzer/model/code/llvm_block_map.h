/*
 * LLVM's own list of a binary's basic blocks (clang -fbasic-block-address-map): section
 * .llvm_bb_addr_map, versions 2 to 5.  The encoding is that of llvm/lib/Object/ELF.cpp.
 */
#ifndef ANALYZER_MODEL_CODE_LLVM_BLOCK_MAP_H
#define ANALYZER_MODEL_CODE_LLVM_BLOCK_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

struct mapped_block {
    uint64_t start;
    uint64_t end;      /* first byte past it */
    uint32_t id;       /* the compiler's, unique in the function */
    uint32_t function; /* number of a function, in the order of the section */
};

struct llvm_block_map {
    struct mapped_block *blocks; /* by address; empty ones before others */
    size_t count, capacity;
    uint32_t function_count;
};

/*
 * ERROR_NO_BLOCK_MAP where the binary has no such section or one of a version
 * that is not known, ERROR_ELF_GARBLED.  The caller frees with llvm_block_map_free,
 * also after a failure.
 */
bool llvm_block_map_read(struct llvm_block_map *map, const struct binary *binary,
                         struct error *error);
void llvm_block_map_free(struct llvm_block_map *map);

/* The block that contains the address, or NULL. */
const struct mapped_block *llvm_block_map_at(const struct llvm_block_map *map, uint64_t address);

#endif
