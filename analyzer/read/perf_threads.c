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

/* The thread of that number, made if need be; NULL where memory is out. */
static struct perf_thread *get(struct perf_threads *threads, uint32_t thread, struct error *error)
{
    struct perf_thread *known = find(threads, thread);
    uint32_t *bucket = &threads->buckets[thread % BUCKETS];
    if (known)
        return known;
    if (!memory_reserve(&threads->items, &threads->capacity, threads->count + 1,
                        sizeof(*threads->items), error))
        return NULL;
    known = &threads->items[threads->count++];
    *known = (struct perf_thread){.number = thread, .next = *bucket};
    *bucket = (uint32_t)threads->count;
    return known;
}

bool perf_threads_name(struct perf_threads *threads, uint32_t thread, const char *name, size_t size,
                       struct error *error)
{
    if (!threads->filter || !threads->filter->thread)
        return true;
    const char *kept = names_intern(&threads->names, name, size, error);
    struct perf_thread *known = kept ? get(threads, thread, error) : NULL;
    if (known)
        known->name = kept;
    return known != NULL;
}

bool perf_threads_belongs(struct perf_threads *threads, uint32_t thread, uint32_t process,
                          struct error *error)
{
    struct perf_thread *known = get(threads, thread, error);
    if (!known)
        return false;
    known->has_process = true;
    known->process = process;
    return thread == process || perf_threads_belongs(threads, process, process, error);
}

bool perf_threads_process(const struct perf_threads *threads, uint32_t thread, uint32_t *process)
{
    const struct perf_thread *known = find(threads, thread);
    if (!known || !known->has_process)
        return false;
    *process = known->process;
    return true;
}

bool perf_threads_fork(struct perf_threads *threads, uint32_t child, uint32_t parent,
                       struct error *error)
{
    const struct perf_thread *known = find(threads, parent);
    return !known || !known->name ||
           perf_threads_name(threads, child, known->name, strlen(known->name), error);
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
    return known && known->name && strcmp(known->name, filter->thread) == 0;
}
