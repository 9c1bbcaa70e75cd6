/*
 * Where BOLT put code: the table that llvm-bolt -enable-bat leaves in what it writes, section
 * .note.bolt_bat.  By it, addresses of the rewritten binary become offsets in the functions of
 * the binary that it was made of.
 *
 * Source of the layout: LLVM's bolt/docs/BAT.md, and what llvm-bolt 22 writes beyond it (the
 * skew and the equal offsets of cold fragments).  llvm-bolt 16 wrote the same in numbers
 * of fixed sizes and without hashes; what 17 and 18 wrote is not known here.
 */
#ifndef ANALYZER_MODEL_BINARY_BOLT_TRANSLATION_H
#define ANALYZER_MODEL_BINARY_BOLT_TRANSLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

/* A place that is known in both: the beginning of a block, or a branch or call in it. */
struct bolt_place {
    uint32_t output; /* bytes from the beginning of the fragment, in the rewritten binary */
    uint32_t input;  /* bytes from the beginning of the function, in the other */
    bool is_branch;  /* else a block begins there */
};

/* A function, or a part of one that was moved away. */
struct bolt_fragment {
    uint64_t address;    /* in the rewritten binary */
    uint64_t parent;     /* the address of the function that it is a part of; its own else */
    size_t first, count; /* of its places */
};

struct bolt_translation {
    struct bolt_fragment *fragments; /* by address */
    size_t fragment_count, fragment_capacity;
    struct bolt_place *places; /* of each fragment in order of `output` */
    size_t place_count, place_capacity;
};

/*
 * Reads the table of a binary that has one (binary_has_translation); nothing is in it else.
 * ERROR_ELF_GARBLED where it is not understood.  The caller frees it, also after a failure.
 */
bool bolt_translation_read(struct bolt_translation *translation, const struct binary *binary,
                           struct error *error);
void bolt_translation_free(struct bolt_translation *translation);

/* The fragment that begins at the address, or NULL: that code is as it was. */
const struct bolt_fragment *bolt_translation_find(const struct bolt_translation *translation,
                                                  uint64_t address);

/*
 * The offset in the function that an offset in the fragment was.  Of a branch (`is_source`)
 * the last place before it counts, since code of a block may have been added or left out.
 */
uint64_t bolt_translate(const struct bolt_translation *translation,
                        const struct bolt_fragment *fragment, uint64_t offset, bool is_source);

/* The index in `places` of the last place at or before the offset, or -1. */
ptrdiff_t bolt_place_at(const struct bolt_translation *translation,
                        const struct bolt_fragment *fragment, uint64_t offset);

/* The index in `places` of the last block that begins at or before the offset, or -1. */
ptrdiff_t bolt_block_at(const struct bolt_translation *translation,
                        const struct bolt_fragment *fragment, uint64_t offset);

#endif
