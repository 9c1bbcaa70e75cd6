/*
 * The names and the processes of recorded threads, and by them whose samples are wanted.
 */
#ifndef ANALYZER_READ_PERF_THREADS_H
#define ANALYZER_READ_PERF_THREADS_H

#include "analyzer/base/names.h"
#include "analyzer/read/format.h"

struct perf_thread {
    uint32_t number;
    const char *name; /* NULL: not known */
    bool has_process;
    uint32_t process; /* where has_process */
    uint32_t next;    /* index + 1 of the next one in the bucket */
};

/* Begins with the filter alone; perf_threads_free frees what else is in it. */
struct perf_threads {
    const struct profile_filter *filter; /* NULL: all samples are wanted */
    struct names names;
    struct perf_thread *items;
    size_t count, capacity;
    uint32_t buckets[1024]; /* index + 1 */
};

void perf_threads_free(struct perf_threads *threads);

/* Sets the name of a thread.  Nothing is kept where the filter asks for no name. */
bool perf_threads_name(struct perf_threads *threads, uint32_t thread, const char *name, size_t size,
                       struct error *error);
/* A new thread has the name of its creator. */
bool perf_threads_fork(struct perf_threads *threads, uint32_t child, uint32_t parent,
                       struct error *error);

/* Says whose a thread is from now on; a process is its own first thread. */
bool perf_threads_belongs(struct perf_threads *threads, uint32_t thread, uint32_t process,
                          struct error *error);
/* The process of the thread of that number; false where nothing tells. */
bool perf_threads_process(const struct perf_threads *threads, uint32_t thread, uint32_t *process);

bool perf_threads_wants(const struct perf_threads *threads, uint32_t process, uint32_t thread);

#endif
