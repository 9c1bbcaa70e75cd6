/*
 * Separate debug files: what `strip` took out of a binary, found by build-id or
 * by the name that the binary has of it (.gnu_debuglink; "Debugging Information
 * in Separate Files" of GDB's manual).  Used by binary.c, and by the verbs to
 * say where such files are.
 */
#ifndef ANALYZER_MODEL_DEBUG_FILE_H
#define ANALYZER_MODEL_DEBUG_FILE_H

#include <libelf.h>
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
 * in .debug/ there.  The caller ends it with elf_end.
 */
Elf *debug_file_find(Elf *binary, const char *binary_path, const uint8_t *build_id,
                     uint32_t build_id_size);

#endif
