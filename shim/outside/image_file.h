/*
 * What an ELF file says of the image that it makes in memory: for memory that may
 * not be read, and for what is not in memory.  Go's linker gives the build-id no
 * program header, so that it is found among the sections only.
 */
#ifndef SHIM_OUTSIDE_IMAGE_FILE_H
#define SHIM_OUTSIDE_IMAGE_FILE_H

#include "shim/core/modules/image.h"

/* The file's image, without its unwind table.  False: it cannot be read, or is not an ELF file. */
bool image_from_file(const char *path, struct image *image);

/* Puts its build-id into `image`, which is left alone where the file has none or cannot be read. */
void build_id_from_file(const char *path, struct image *image);

#endif
