#include "bolt-bridge/process/temporary.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "bolt-bridge/process/orphans.h"
#include "bolt-bridge/process/remove.h"

/* A verb has one or two outputs at a time: the relinked binary, and its profile as YAML. */
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
    return file_path(path, error, "%s/%s", directory, name);
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
    size_t free_place = 0;

    output->path[0] = '\0';
    while (free_place < MAX_OUTPUTS && open_outputs[free_place][0])
        free_place++;
    assert(free_place < MAX_OUTPUTS);
    if (refuse_existing(final_path, overwrite, error) ||
        !file_path(output->final_path, error, "%s", final_path))
        return false;
    int file = file_open_sibling(final_path, open_outputs[free_place], error);
    if (file < 0) {
        open_outputs[free_place][0] = '\0';
        return false;
    }
    close(file);
    memcpy(output->path, open_outputs[free_place], sizeof(output->path));
    orphans_remove_later(output->path);
    return true;
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
                file_put_in_place(output->path, output->final_path, overwrite, error);

    if (done) {
        forget(output->path);
        output->path[0] = '\0';
    } else {
        temporary_output_discard(output);
    }
    return done;
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
