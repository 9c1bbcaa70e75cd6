/*
 * The GNU build-id that a file has among its sections.  Go's linker gives it no
 * program header, so that it cannot be found in memory.
 * Only target_modules.c calls this.
 */
#ifndef SHIM_OUTSIDE_BUILD_ID_H
#define SHIM_OUTSIDE_BUILD_ID_H

#include "shim/core/modules/image.h"

/* Puts it into `image`, which is left alone where the file has none or cannot be read. */
void build_id_from_file(const char *path, struct image *image);

#endif
