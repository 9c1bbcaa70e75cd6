#include "analyzer/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs the producer on the stream and closes it, seeing every write error. */
static bool fill(FILE *stream, const char *path, output_producer *produce, void *context,
                 struct error *error)
{
    bool done = produce(stream, context, error);
    int wrong = ferror(stream) ? EIO : 0; /* a write before; the last one says more */
    if (fflush(stream) != 0)
        wrong = errno;
    if (stream != stdout && fclose(stream) != 0)
        wrong = errno;
    if (done && wrong) {
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

/*
 * Puts the finished temporary file in its place.  link() is what refuses to
 * replace a file that has appeared meanwhile; file systems without hard links
 * get the check and the rename one after the other.
 */
static bool put_in_place(const char *temporary, const char *path, bool force, struct error *error)
{
    if (!force) {
        if (link(temporary, path) == 0) {
            unlink(temporary);
            return true;
        }
        if (errno == EEXIST || access(path, F_OK) == 0) {
            error_set(error, ERROR_OUTPUT_EXISTS, path, NULL);
            return false;
        }
    }
    if (rename(temporary, path) != 0) {
        error_set_errno(error, ERROR_WRITE, path);
        return false;
    }
    return true;
}

bool output_write_file(const char *path, bool force, output_producer *produce, void *context,
                       struct error *error)
{
    struct stat status;
    char target[PATH_MAX];
    char temporary[PATH_MAX + 16];
    bool there;
    int descriptor;
    FILE *stream;

    if (strcmp(path, "-") == 0)
        return fill(stdout, "standard output", produce, context, error);

    there = stat(path, &status) == 0;
    if (there && !S_ISREG(status.st_mode)) {
        stream = fopen(path, "w"); /* of a directory: EISDIR, which says it all */
        if (!stream) {
            error_set_errno(error, ERROR_WRITE, path);
            return false;
        }
        return fill(stream, path, produce, context, error);
    }
    if (there && !force) {
        error_set(error, ERROR_OUTPUT_EXISTS, path, NULL);
        return false;
    }
    /* A symbolic link stays one: what it points to is replaced. */
    if ((!there || !realpath(path, target)) &&
        (size_t)snprintf(target, sizeof(target), "%s", path) >= sizeof(target)) {
        errno = ENAMETOOLONG;
        error_set_errno(error, ERROR_WRITE, path);
        return false;
    }

    snprintf(temporary, sizeof(temporary), "%s.XXXXXX", target);
    descriptor = mkstemp(temporary);
    if (descriptor < 0) {
        error_set_errno(error, ERROR_WRITE, path);
        return false;
    }
    stream = fdopen(descriptor, "w");
    if (!stream) {
        error_set_errno(error, ERROR_WRITE, path);
        close(descriptor);
        unlink(temporary);
        return false;
    }
    if (fchmod(descriptor, there ? status.st_mode & 07777 : new_file_mode()) != 0 && there) {
        /* Another owner's rights cannot be kept; the new file's own are fine. */
        fchmod(descriptor, new_file_mode());
    }
    if (!fill(stream, path, produce, context, error) ||
        !put_in_place(temporary, target, force, error)) {
        unlink(temporary);
        return false;
    }
    return true;
}
