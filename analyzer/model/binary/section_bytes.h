/*
 * Sections of ELF files by name, as bytes that are not trusted.
 */
#ifndef ANALYZER_MODEL_BINARY_SECTION_BYTES_H
#define ANALYZER_MODEL_BINARY_SECTION_BYTES_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A section's bytes, uncompressed; valid as long as its file is open. */
struct section_bytes {
    const uint8_t *bytes;
    size_t size;
};

/*
 * The section of that name, or nothing; compressed ones are expanded in `elf`,
 * .debug_NAME also where old tools compressed it as .zdebug_NAME.
 */
struct section_bytes section_bytes_of(Elf *elf, const char *name);

/* A little-endian number of 1 to 8 bytes; false where the section is shorter. */
bool section_bytes_number(const struct section_bytes *section, uint64_t offset, unsigned width,
                          uint64_t *number);

/* Nothing where the part reaches past the section. */
struct section_bytes section_bytes_part(const struct section_bytes *section, uint64_t offset,
                                        uint64_t size);

#endif
