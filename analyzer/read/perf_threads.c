#include "analyzer/read/perf_threads.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

#define BUCKETS (sizeof(((struct perf_threads *)0)->buckets) / sizeof(uint32_t))

void perf_threads_free(struct perf_threads *threads)
{
    names_free(&threads->names);
    free(threads->items);
}

static struct perf_thread *find(const struct perf_threads *threads, uint32_t number)
{
    for (uint32_t i = threads->buckets[number % BUCKETS]; i; i = threads->items[i - 1].next) {
        if (threads->items[i - 1].number == number)
            return &threads->items[i - 1];
    }
    return NULL;
}

bool perf_threads_name(struct perf_threads *threads, uint32_t thread, const char *name, size_t size,
                       struct error *error)
{
    if (!threads->filter || !threads->filter->thread)
        return true;
    const char *kept = names_intern(&threads->names, name, size, error);
    struct perf_thread *known = find(threads, thread);
    uint32_t *bucket = &threads->buckets[thread % BUCKETS];
    if (!kept)
        return false;
    if (known) {
        known->name = kept;
        return true;
    }
    if (!memory_reserve(&threads->items, &threads->capacity, threads->count + 1,
                        sizeof(*threads->items), error))
        return false;
    threads->items[threads->count++] = (struct perf_thread){thread, kept, *bucket};
    *bucket = (uint32_t)threads->count;
    return true;
}

bool perf_threads_fork(struct perf_threads *threads, uint32_t child, uint32_t parent,
                       struct error *error)
{
    const struct perf_thread *known = find(threads, parent);
    return !known || perf_threads_name(threads, child, known->name, strlen(known->name), error);
}

bool perf_threads_wants(const struct perf_threads *threads, uint32_t process, uint32_t thread)
{
    const struct profile_filter *filter = threads->filter;
    if (!filter)
        return true;
    if (filter->by_process && filter->process != process)
        return false;
    if (!filter->thread)
        return true;
    const struct perf_thread *known = find(threads, thread);
    return known && strcmp(known->name, filter->thread) == 0;
}
