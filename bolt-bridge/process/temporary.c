#include "bolt-bridge/process/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bolt-bridge/process/orphans.h"
#include "bolt-bridge/process/remove.h"

/* A verb has few outputs at a time: the relinked binary, and what `cycle` keeps. */
#define MAX_OUTPUTS 8

static char directory[PATH_MAX / 2];
static char open_outputs[MAX_OUTPUTS][PATH_MAX]; /* "": free */

bool temporary_path(const char *name, char *path, struct error *error)
{
    if (!directory[0]) {
        const char *parent = getenv("TMPDIR");
        if (!parent || !*parent)
            parent = "/tmp";
        char pattern[sizeof(directory)];
        if ((size_t)snprintf(pattern, sizeof(pattern), "%s/pgo-bolt-XXXXXX", parent) >=
            sizeof(pattern)) {
            error_set(error, ERROR_WRITE, parent, "the name is too long");
            return false;
        }
        if (!mkdtemp(pattern)) {
            error_set_errno(error, ERROR_WRITE, parent);
            return false;
        }
        memcpy(directory, pattern, sizeof(directory));
        orphans_remove_later(directory);
    }
    if (snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX) {
        error_set(error, ERROR_WRITE, name, "the name is too long");
        return false;
    }
    return true;
}

static bool refuse_existing(const char *path, bool overwrite, struct error *error)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return false;
    if (S_ISDIR(status.st_mode))
        error_set(error, ERROR_WRITE, path, "it is a directory");
    else if (!overwrite)
        error_set(error, ERROR_OUTPUT_EXISTS, path, NULL);
    else
        return false;
    return true;
}

bool temporary_output_open(struct temporary_output *output, const char *final_path, bool overwrite,
                           struct error *error)
{
    output->path[0] = '\0';
    if (snprintf(output->final_path, PATH_MAX, "%s", final_path) >= PATH_MAX - 16) {
        error_set(error, ERROR_WRITE, final_path, "the name is too long");
        return false;
    }
    if (refuse_existing(final_path, overwrite, error))
        return false;
    char pattern[PATH_MAX];
    if (snprintf(pattern, sizeof(pattern), "%s.new-XXXXXX", final_path) >= PATH_MAX) {
        error_set(error, ERROR_WRITE, final_path, "the name is too long");
        return false;
    }
    int file = mkostemp(pattern, O_CLOEXEC);
    if (file < 0) {
        error_set_errno(error, ERROR_WRITE, final_path);
        return false;
    }
    close(file);
    orphans_remove_later(pattern);
    for (size_t i = 0; i < MAX_OUTPUTS; i++) {
        if (!open_outputs[i][0]) {
            memcpy(open_outputs[i], pattern, sizeof(pattern));
            memcpy(output->path, pattern, sizeof(pattern));
            return true;
        }
    }
    unlink(pattern);
    error_set(error, ERROR_WRITE, final_path, "too many outputs at once");
    return false;
}

static void forget(const char *path)
{
    for (size_t i = 0; i < MAX_OUTPUTS; i++)
        if (strcmp(open_outputs[i], path) == 0)
            open_outputs[i][0] = '\0';
}

void temporary_output_discard(struct temporary_output *output)
{
    if (!output->path[0])
        return;
    unlink(output->path);
    forget(output->path);
    output->path[0] = '\0';
}

/* A full disk may only show now. */
static bool flush_to_disk(const char *path, struct error *error)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0 || fstat(file, &status) != 0 || fsync(file) != 0) {
        error_set_errno(error, ERROR_WRITE, path);
        if (file >= 0)
            close(file);
        return false;
    }
    close(file);
    if (status.st_size == 0) {
        error_set(error, ERROR_WRITE, path, "it is still empty");
        return false;
    }
    return true;
}

bool temporary_output_commit(struct temporary_output *output, bool overwrite, struct error *error)
{
    bool done = flush_to_disk(output->path, error) &&
                !refuse_existing(output->final_path, overwrite, error);

    if (done && rename(output->path, output->final_path) != 0) {
        error_set_errno(error, ERROR_WRITE, output->final_path);
        done = false;
    }
    if (done) {
        forget(output->path);
        output->path[0] = '\0';
    } else {
        temporary_output_discard(output);
    }
    return done;
}

static bool copy_file(const char *from, const char *to, struct error *error)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ssize_t copied = source < 0 || target < 0 ? -1 : 1;

    while (copied > 0)
        copied = sendfile(target, source, NULL, 1 << 20);
    if (copied < 0)
        error_set_errno(error, ERROR_WRITE, to);
    if (source >= 0)
        close(source);
    if (target >= 0 && close(target) != 0 && copied == 0) {
        error_set_errno(error, ERROR_WRITE, to);
        copied = -1;
    }
    if (copied < 0)
        unlink(to);
    return copied == 0;
}

bool temporary_output_divert(struct temporary_output *output, const char *path, struct error *error)
{
    bool moved = rename(output->path, path) == 0;

    if (moved) {
        forget(output->path);
        output->path[0] = '\0';
        return true;
    }
    moved = copy_file(output->path, path, error);
    temporary_output_discard(output);
    return moved;
}

void temporary_clean(void)
{
    for (size_t i = 0; i < MAX_OUTPUTS; i++)
        if (open_outputs[i][0])
            unlink(open_outputs[i]);
    memset(open_outputs, 0, sizeof(open_outputs));
    if (directory[0])
        remove_tree(directory);
    directory[0] = '\0';
}
