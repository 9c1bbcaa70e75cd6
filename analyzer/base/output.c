#include "analyzer/base/output.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"

/* Runs the producer on the stream and closes it, seeing every write error. */
static bool fill(FILE *stream, const char *path, output_producer *produce, void *context,
                 struct error *error)
{
    errno = 0;
    bool done = produce(stream, context, error);
    /* Of a write that failed before, errno may be lost; the last one tries it again. */
    int wrong = ferror(stream) ? (errno ? errno : EIO) : 0;
    if (fflush(stream) != 0)
        wrong = errno;
    if (stream != stdout && fclose(stream) != 0)
        wrong = errno;
    if (wrong) { /* which is also why the producer failed, if it did */
        errno = wrong;
        error_set_errno(error, ERROR_WRITE, path);
    }
    return done && !wrong;
}

/* The rights that a file made by fopen() would have. */
static mode_t new_file_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Devices and pipes are written to as they are; for a directory the system says EISDIR. */
static bool write_through(const char *path, output_producer *produce, void *context,
                          struct error *error)
{
    FILE *stream = fopen(path, "we");

    if (!stream) {
        error_set_errno(error, ERROR_WRITE, path);
        return false;
    }
    return fill(stream, path, produce, context, error);
}

/* Writes a sibling of `target` and renames it. */
static bool write_beside(const char *target, bool overwrite, mode_t mode, output_producer *produce,
                         void *context, struct error *error)
{
    char sibling[PATH_MAX];
    int descriptor = file_open_sibling(target, sibling, error);

    if (descriptor < 0)
        return false;
    /* Where another owner's rights cannot be kept, the new file's own are fine. */
    if (fchmod(descriptor, mode) != 0)
        fchmod(descriptor, new_file_mode());
    FILE *stream = fdopen(descriptor, "w");
    bool done = false;
    if (!stream) {
        error_set_errno(error, ERROR_WRITE, target);
        close(descriptor);
    } else {
        done = fill(stream, target, produce, context, error) &&
               file_put_in_place(sibling, target, overwrite, error);
    }
    if (!done)
        unlink(sibling);
    return done;
}

/* Whether a terminal can show it: no control characters but ends of lines and tabs. */
static bool is_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if ((byte < ' ' && byte != '\n' && byte != '\t' && byte != '\r') || byte == 0x7f)
            return false;
    }
    return true;
}

/* What is not text would make a terminal unusable: it is looked at first. */
static bool write_to_terminal(output_producer *produce, void *context, struct error *error)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    if (!stream)
        return memory_exhausted(error);
    bool done = fill(stream, "standard output", produce, context, error);
    if (done && !is_text(bytes, size)) {
        error_set(error, ERROR_USAGE, "standard output",
                  "it is a terminal, and this format is not text: give -o FILE, or a pipe");
        done = false;
    }
    if (done)
        fwrite(bytes, 1, size, stdout); /* the caller looks at the stream */
    free(bytes);
    return done;
}

bool output_write_file(const char *path, bool force, output_producer *produce, void *context,
                       struct error *error)
{
    struct stat status, link_status;
    char target[PATH_MAX];

    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
        return write_to_terminal(produce, context, error);
    if (strcmp(path, "-") == 0)
        return fill(stdout, "standard output", produce, context, error);
    if (stat(path, &status) != 0)
        return write_beside(path, force, new_file_mode(), produce, context, error);
    if (!S_ISREG(status.st_mode))
        return write_through(path, produce, context, error);
    if (!force) {
        error_set(error, ERROR_OUTPUT_EXISTS, path, NULL);
        return false;
    }
    /* A symbolic link stays one: what it points to is replaced. */
    if (lstat(path, &link_status) == 0 && S_ISLNK(link_status.st_mode)) {
        if (!realpath(path, target)) {
            error_set_errno(error, ERROR_WRITE, path);
            return false;
        }
        path = target;
    }
    return write_beside(path, true, status.st_mode & 07777, produce, context, error);
}
