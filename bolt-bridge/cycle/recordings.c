#include "bolt-bridge/cycle/recordings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/memory.h"

void recordings_prefix(const struct cycle *cycle, const struct cycle_subject *subject,
                       size_t workload, char *prefix, size_t size)
{
    const char *name = cycle->request->workloads->items[workload].name;
    snprintf(prefix, size, "recording-%s-%s%s", subject->label, name ? name : "", name ? "+" : "");
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool add_path(struct recordings *recordings, const char *directory, const char *name,
                     struct error *error)
{
    char *path;

    if (!memory_reserve(&recordings->paths, &recordings->capacity, recordings->count + 1,
                        sizeof(*recordings->paths), error))
        return false;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return memory_exhausted(error);
    recordings->paths[recordings->count++] = path;
    return true;
}

/* One that is overlooked would be missing in the sum without a word. */
static bool read_names(const char *path, DIR *directory, const char *prefix,
                       struct recordings *recordings, struct error *error)
{
    const struct dirent *entry;

    while (errno = 0, (entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
            !add_path(recordings, path, entry->d_name, error))
            return false;
    if (errno)
        error_set_errno(error, ERROR_READ, path);
    return !errno;
}

bool recordings_list(const struct cycle *cycle, const struct cycle_subject *subject,
                     size_t workload, struct recordings *recordings, struct error *error)
{
    char prefix[NAME_MAX + 1];

    *recordings = (struct recordings){0};
    recordings_prefix(cycle, subject, workload, prefix, sizeof(prefix));
    DIR *directory = opendir(cycle->directory);
    if (!directory) {
        error_set_errno(error, ERROR_READ, cycle->directory);
        return false;
    }
    bool done = read_names(cycle->directory, directory, prefix, recordings, error);
    closedir(directory);
    if (recordings->count)
        qsort(recordings->paths, recordings->count, sizeof(*recordings->paths), compare_names);
    return done;
}

void recordings_free(struct recordings *recordings)
{
    for (size_t i = 0; i < recordings->count; i++)
        free(recordings->paths[i]);
    free(recordings->paths);
    *recordings = (struct recordings){0};
}

bool recordings_remove(const struct cycle *cycle, const struct cycle_subject *subject,
                       size_t workload, struct error *error)
{
    struct recordings recordings;
    bool done = recordings_list(cycle, subject, workload, &recordings, error);

    for (size_t i = 0; done && i < recordings.count; i++) {
        done = unlink(recordings.paths[i]) == 0 || errno == ENOENT;
        if (!done)
            error_set_errno(error, ERROR_WRITE, recordings.paths[i]);
    }
    recordings_free(&recordings);
    return done;
}
