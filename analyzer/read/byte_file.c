#include "analyzer/read/byte_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool byte_file_measure(struct byte_file *file)
{
    struct stat status;
    if (fstat(file->descriptor, &status) != 0) {
        error_set_errno(file->error, ERROR_READ, file->path);
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        error_set(file->error, ERROR_NOT_RAW_PROFILE, file->path, "%s",
                  S_ISDIR(status.st_mode) ? "it is a directory: name the files in it"
                                          : "it is not a regular file");
        return false;
    }
    file->size = (uint64_t)status.st_size;
    return true;
}

bool byte_file_open(struct byte_file *file, const char *path, struct error *error)
{
    *file = (struct byte_file){.path = path, .error = error};
    file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* no wait for a pipe */
    if (file->descriptor < 0) {
        error_set_errno(error, ERROR_OPEN, path);
        return false;
    }
    if (byte_file_measure(file))
        return true;
    byte_file_close(file);
    return false;
}

void byte_file_close(struct byte_file *file)
{
    close(file->descriptor);
}

bool byte_file_read_part(const struct byte_file *file, uint64_t offset, void *buffer, size_t wanted,
                         size_t *got)
{
    *got = 0;
    while (*got < wanted) {
        ssize_t bytes = pread(file->descriptor, (uint8_t *)buffer + *got, wanted - *got,
                              (off_t)(offset + *got));
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0) {
            error_set_errno(file->error, ERROR_READ, file->path);
            return false;
        }
        if (bytes == 0)
            break;
        *got += (size_t)bytes;
    }
    return true;
}

bool byte_file_ends_early(const struct byte_file *file, uint64_t end, size_t missing)
{
    error_set(file->error, ERROR_RAW_TRUNCATED, file->path,
              "it ends at byte %" PRIu64 ", %zu bytes too early", end, missing);
    return false;
}

bool byte_file_read(const struct byte_file *file, uint64_t offset, void *buffer, size_t size)
{
    size_t got;
    return byte_file_read_part(file, offset, buffer, size, &got) &&
           (got == size || byte_file_ends_early(file, offset + got, size - got));
}

bool byte_file_garbled(const struct byte_file *file, uint64_t offset, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    error_set(file->error, ERROR_RAW_GARBLED, file->path, "byte %" PRIu64 ": %s", offset, what);
    return false;
}
