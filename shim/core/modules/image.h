/*
 * What an ELF image in memory says of itself, read with checked reads.
 * Source of the layout: the ELF and gABI specifications, <elf.h>.
 * Signal-safe.
 */
#ifndef SHIM_CORE_MODULES_IMAGE_H
#define SHIM_CORE_MODULES_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

struct image {
    uint64_t low_address, high_address;       /* link-time range of its loadable segments */
    uint64_t unwind_table, unwind_table_size; /* link-time place of .eh_frame_hdr; 0: none */
    uint64_t build_id_address;                /* link-time place of the build-id */
    uint32_t build_id_size;                   /* bytes; 0: there is none */
    uint8_t build_id[32];
};

/*
 * Reads the image with these program headers (run-time address, count), loaded
 * at `load_bias`.  False: they make no sense or cannot be read.
 */
bool image_read(uint64_t program_headers, uint32_t count, uint64_t load_bias, struct image *image);

/*
 * Where the program headers of the ELF header at `address` are, and how many.  False: there is no
 * such header of a 64-bit file.
 */
bool image_headers(uint64_t address, uint64_t *program_headers, uint32_t *count);

/* What tells executables apart (%m of file patterns): by the build-id, else by `path`. */
uint64_t image_signature(const struct image *image, const char *path);

#endif
