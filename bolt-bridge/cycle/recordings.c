#include "bolt-bridge/cycle/recordings.h"

#include <dirent.h>
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

size_t cycle_recordings(const struct cycle *cycle, const struct cycle_subject *subject,
                        size_t workload, char ***files)
{
    char prefix[NAME_MAX + 1];
    size_t count = 0, capacity = 0;
    const struct dirent *entry;
    struct error error;

    *files = NULL;
    recordings_prefix(cycle, subject, workload, prefix, sizeof(prefix));
    DIR *directory = opendir(cycle->directory);
    while (directory && (entry = readdir(directory)) != NULL) {
        char *path;
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
            !memory_reserve(files, &capacity, count + 1, sizeof(**files), &error) ||
            asprintf(&path, "%s/%s", cycle->directory, entry->d_name) < 0)
            continue;
        (*files)[count++] = path;
    }
    if (directory)
        closedir(directory);
    if (count)
        qsort(*files, count, sizeof(**files), compare_names);
    return count;
}

void cycle_free_recordings(char **files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(files[i]);
    free(files);
}

void recordings_remove(const struct cycle *cycle, const struct cycle_subject *subject,
                       size_t workload)
{
    char **files;
    size_t count = cycle_recordings(cycle, subject, workload, &files);

    for (size_t i = 0; i < count; i++)
        unlink(files[i]);
    cycle_free_recordings(files, count);
}
