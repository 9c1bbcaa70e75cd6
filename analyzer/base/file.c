#include "analyzer/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/md5.h"

#define COPY_BYTES (1 << 16)
#define COMPARE_BYTES (1 << 16)

bool file_path(char path[PATH_MAX], struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(path, PATH_MAX, format, arguments);
    va_end(arguments);
    if (length >= 0 && length < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    error_set_errno(error, ERROR_WRITE, path);
    return false;
}

bool file_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool file_make_directory(const char *path, struct error *error)
{
    struct stat status;

    if (mkdir(path, 0777) == 0)
        return true;
    if (errno == EEXIST && stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return true;
        errno = ENOTDIR;
    }
    error_set_errno(error, ERROR_WRITE, path);
    return false;
}

int file_open_sibling(const char *path, char sibling[PATH_MAX], struct error *error)
{
    if (!file_path(sibling, error, "%s.new-XXXXXX", path))
        return -1;
    int descriptor = mkostemp(sibling, O_CLOEXEC);
    if (descriptor < 0)
        error_set_errno(error, ERROR_WRITE, path);
    return descriptor;
}

bool file_put_in_place(const char *sibling, const char *path, bool overwrite, struct error *error)
{
    if (!overwrite) {
        /*
         * link() refuses a name that came into being meanwhile.  Where the file system has
         * no hard links, the check and the rename come one after the other.
         */
        if (link(sibling, path) == 0) {
            unlink(sibling);
            return true;
        }
        if (errno == EEXIST || access(path, F_OK) == 0) {
            error_set(error, ERROR_OUTPUT_EXISTS, path, NULL);
            return false;
        }
    }
    if (rename(sibling, path) == 0)
        return true;
    error_set_errno(error, ERROR_WRITE, path);
    return false;
}

static bool write_all(int target, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(target, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* Returns the error's code; errno says why. */
static enum error_code copy_bytes(int source, int target)
{
    static char buffer[COPY_BYTES];
    ssize_t size;

    while ((size = read(source, buffer, sizeof(buffer))) != 0) {
        if (size < 0 && errno != EINTR)
            return ERROR_READ;
        if (size > 0 && !write_all(target, buffer, (size_t)size))
            return ERROR_WRITE;
    }
    return ERROR_NONE;
}

/* All of the open file `source` into `target`, which it closes; the names are for the error. */
static bool copy_descriptor(int source, const char *from, int target, const char *to,
                            struct error *error)
{
    struct stat status;
    enum error_code code = copy_bytes(source, target);

    if (code == ERROR_NONE && fstat(source, &status) != 0)
        code = ERROR_READ;
    if (code == ERROR_NONE && fchmod(target, status.st_mode & 0777) != 0)
        code = ERROR_WRITE;
    int reason = errno;
    if (close(target) != 0 && code == ERROR_NONE) {
        code = ERROR_WRITE;
        reason = errno;
    }
    if (code == ERROR_NONE)
        return true;
    errno = reason;
    error_set_errno(error, code, code == ERROR_READ ? from : to);
    return false;
}

static int open_source(const char *from, struct error *error)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);

    if (source < 0)
        error_set_errno(error, ERROR_READ, from);
    return source;
}

bool file_copy_into(const char *from, const char *reserved, struct error *error)
{
    int source = open_source(from, error);
    bool done = false;

    if (source < 0)
        return false;
    int target = open(reserved, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (target >= 0)
        done = copy_descriptor(source, from, target, reserved, error);
    else
        error_set_errno(error, ERROR_WRITE, reserved);
    close(source);
    return done;
}

bool file_copy(const char *from, const char *to, bool overwrite, struct error *error)
{
    char sibling[PATH_MAX];
    int source = open_source(from, error);

    if (source < 0)
        return false;
    int target = file_open_sibling(to, sibling, error);
    bool done = target >= 0 && copy_descriptor(source, from, target, to, error) &&
                file_put_in_place(sibling, to, overwrite, error);
    if (target >= 0 && !done)
        unlink(sibling);
    close(source);
    return done;
}

bool file_digest(const char *path, uint8_t digest[16], struct error *error)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool done = file >= 0 && fstat(file, &status) == 0;

    if (done && status.st_size == 0) {
        md5_of("", 0, digest);
    } else if (done) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        done = bytes != MAP_FAILED;
        if (done) {
            md5_of(bytes, (size_t)status.st_size, digest);
            munmap(bytes, (size_t)status.st_size);
        }
    }
    if (!done)
        error_set_errno(error, ERROR_READ, path);
    if (file >= 0)
        close(file);
    return done;
}

/* Advances *offset to where the streams differ.  False where one cannot be read: see errno. */
static bool compare_streams(FILE *left, FILE *right, bool *same, uint64_t *offset)
{
    static char buffers[2][COMPARE_BYTES];
    size_t equal, common;

    *same = true;
    *offset = 0;
    do {
        size_t left_size = fread(buffers[0], 1, COMPARE_BYTES, left);
        size_t right_size = fread(buffers[1], 1, COMPARE_BYTES, right);
        if (ferror(left) || ferror(right))
            return false;
        common = left_size < right_size ? left_size : right_size;
        for (equal = 0; equal < common && buffers[0][equal] == buffers[1][equal]; equal++)
            ;
        *offset += equal;
        *same = equal == common && left_size == right_size;
    } while (*same && common == COMPARE_BYTES);
    return true;
}

bool file_compare(const char *left, const char *right, bool *same, uint64_t *offset,
                  struct error *error)
{
    FILE *left_stream = fopen(left, "re");
    if (!left_stream) {
        error_set_errno(error, ERROR_READ, left);
        return false;
    }
    FILE *right_stream = fopen(right, "re");
    bool done = right_stream && compare_streams(left_stream, right_stream, same, offset);
    if (!done)
        error_set_errno(error, ERROR_READ, ferror(left_stream) ? left : right);
    fclose(left_stream);
    if (right_stream)
        fclose(right_stream);
    return done;
}

uint64_t file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

#define FINGERPRINT_BYTES (1 << 14) /* at the beginning, and as many at the end */
#define WORD sizeof(uint64_t)

/* Mixes what the file has at `offset`, the last word filled up with zeros.  False: it cannot be
 * read. */
static bool mix_bytes(uint64_t *fingerprint, int descriptor, off_t offset)
{
    uint64_t words[FINGERPRINT_BYTES / WORD];
    ssize_t size = pread(descriptor, words, FINGERPRINT_BYTES, offset);

    if (size < 0)
        return false;
    size_t count = ((size_t)size + WORD - 1) / WORD;
    memset((char *)words + size, 0, count * WORD - (size_t)size);
    for (size_t i = 0; i < count; i++)
        *fingerprint = hash_mix(*fingerprint, words[i]);
    return true;
}

uint64_t file_fingerprint(const char *path)
{
    struct stat status;
    uint64_t fingerprint = 0;
    bool done = false;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);

    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        fingerprint = (uint64_t)status.st_size;
        done = mix_bytes(&fingerprint, descriptor, 0);
        if (done && status.st_size > FINGERPRINT_BYTES)
            done = mix_bytes(&fingerprint, descriptor, status.st_size - FINGERPRINT_BYTES);
    }
    if (descriptor >= 0)
        close(descriptor);
    return done ? fingerprint | 1 : 0;
}
