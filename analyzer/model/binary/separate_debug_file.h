/*
 * Where debug information of a binary is that is not in it: what `strip` took out, found
 * by build-id, by the name that the binary has of it (.gnu_debuglink; "Debugging
 * Information in Separate Files" of GDB's manual) or through the user's debuginfod
 * servers; what `dwz -m` moved to a file shared with others; and .dwo and .dwp files
 * (split_dwarf.h).
 */
#ifndef ANALYZER_MODEL_BINARY_SEPARATE_DEBUG_FILE_H
#define ANALYZER_MODEL_BINARY_SEPARATE_DEBUG_FILE_H

#include <elfutils/libdw.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"

/* Where debug files are by build-id: DIRECTORY/xx/yyyy.debug. */
#define DEBUG_FILE_DIRECTORY "/usr/lib/debug/.build-id"

/*
 * Also looks below `directory`, before DEBUG_FILE_DIRECTORY, from now on; it may
 * have the xx directories itself or in a .build-id of its own.  The text must
 * stay; the last directory that was given counts.
 */
void debug_file_set_directory(const char *directory);

/*
 * The debug file at `path`, of the binary at `binary_path` with this build-id.
 * ERROR_OPEN, ERROR_NOT_ELF, ERROR_STRIPPED where it has no symbols either, or
 * ERROR_DEBUG_FILE where it is of another build or the binary has no build-id.  The caller ends it
 * with elf_end.
 */
Elf *debug_file_open(const char *path, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size, struct error *error);

/*
 * The debug file of an open binary, or NULL where none of that build is found:
 * by build-id in the directories, then by .gnu_debuglink beside the binary and
 * in .debug/ there, then by build-id from the servers in DEBUGINFOD_URLS, where
 * that is set.  The caller ends it with elf_end.
 */
Elf *debug_file_find(Elf *binary, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size);

/*
 * The file that the debug information of the binary or of its debug file shares
 * parts with (.gnu_debugaltlink): by the name that it has of it, by
 * build-id in the directories, then from the servers.  *shared is NULL where it
 * has none, and the caller's to elf_end.  ERROR_NO_DEBUG_INFO where none of that
 * build-id is found, since names would be missing.
 */
bool debug_file_find_shared(Dwarf *dwarf, const char *binary_path, Elf **shared,
                            struct error *error);

/*
 * Where to look for the package (.dwp) of a binary, and for the .dwo file `name`
 * that was compiled in `directory` (NULL: not known): a path for each `attempt`
 * from 0 on, the caller's to free, or NULL after the last.
 */
char *debug_file_package_path(const char *binary_path, unsigned attempt);
char *debug_file_split_path(const char *binary_path, const char *directory, const char *name,
                            unsigned attempt);

#endif
