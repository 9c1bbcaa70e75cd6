/*
 * What both programs do with whole files: name them, make room for them, replace, copy
 * and compare them.  Every error says the system's own reason.
 *
 * A file that others may read is written beside its final place under another name and
 * renamed when it is whole, so that nobody sees half of it:
 *
 *     int descriptor = file_open_sibling(path, sibling, error);
 *     ... write it all, close it ...
 *     done = file_put_in_place(sibling, path, overwrite, error);
 */
#ifndef ANALYZER_BASE_FILE_H
#define ANALYZER_BASE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

/* Prints a path into `path`.  ERROR_WRITE where it does not fit; `path` then holds its beginning.
 */
bool file_path(char path[PATH_MAX], struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool file_is_directory(const char *path);

/* Makes a directory unless it is there already.  ERROR_WRITE. */
bool file_make_directory(const char *path, struct error *error);

/*
 * Makes an empty file with mode 0600 in the directory of `path`, fills `sibling` with its
 * name ("PATH.new-XXXXXX"), and returns a descriptor open for writing.  -1 with
 * ERROR_WRITE, which names `path`.
 */
int file_open_sibling(const char *path, char sibling[PATH_MAX], struct error *error);

/*
 * Gives a finished sibling its final name, in one step.  Where `path` exists:
 * ERROR_OUTPUT_EXISTS without `overwrite`, also where it came into being a moment ago.
 * After an error (also ERROR_WRITE) the sibling is still there.
 */
bool file_put_in_place(const char *sibling, const char *path, bool overwrite, struct error *error);

/*
 * Copies a file, with its permissions but without set-user-ID and set-group-ID.  `to` is
 * replaced in one step, which also works for a program that runs.  ERROR_READ, ERROR_WRITE,
 * ERROR_OUTPUT_EXISTS as above; nothing is left behind then.
 */
bool file_copy(const char *from, const char *to, bool overwrite, struct error *error);

/* The same into a file that only we know yet: it is truncated, and stays after an error. */
bool file_copy_into(const char *from, const char *reserved, struct error *error);

/* The MD5 digest of a regular file's content.  ERROR_READ. */
bool file_digest(const char *path, uint8_t digest[16], struct error *error);

/*
 * Compares two files byte by byte; *offset is where they begin to differ, or their length.
 * False with ERROR_READ.
 */
bool file_compare(const char *left, const char *right, bool *same, uint64_t *offset,
                  struct error *error);

/*
 * A number that tells the file from others: of its size, its beginning and its end.  Never 0
 * but where it is not a regular file that can be read.
 */
uint64_t file_fingerprint(const char *path);

/* Bytes; 0 where there is no such file. */
uint64_t file_size(const char *path);

#endif
