/*
 * Whether the file system writes a page of a mapped file where it is.  One that copies on write
 * takes new space for each page, and once the disk is full, the next write to the mapping ends the
 * program by SIGBUS: space that was reserved does not help.
 */
#ifndef SHIM_CORE_STORE_DISK_H
#define SHIM_CORE_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>

/* A new file, which is empty, is made such a one where the file system can.  False: `why` says that
 * it cannot. */
bool disk_begin_in_place(int descriptor, char *why, size_t size);

/* The same of a file that there is.  False: it is not, and `why` says so. */
bool disk_is_in_place(int descriptor, char *why, size_t size);

#endif
