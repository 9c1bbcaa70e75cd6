/*
 * dlstress DIRECTORY MILLISECONDS: threads load and unload plug-ins and throw
 * their own weight about while they are sampled hard.  Prints "done"; a watchdog
 * ends the program with status 9 if it hangs.
 */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/programs/work.h"

#define WATCHDOG_SECONDS 600

static char paths[2][4096];
static int milliseconds;

static int count_object(struct dl_phdr_info *information, size_t size, void *count)
{
    (void)information;
    (void)size;
    ++*(int *)count;
    return 0;
}

static void *load_and_unload(void *argument)
{
    const char *path = argument;
    int64_t end = work_clock_ms() + milliseconds;
    int objects = 0;

    while (work_clock_ms() < end) {
        void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        unsigned (*work)(int);
        if (!handle)
            return (void *)1;
        *(void **)&work = dlsym(handle, path == paths[0] ? "plugin_one_hot" : "plugin_two_hot");
        work(1);
        dl_iterate_phdr(count_object, &objects);
        dlclose(handle);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    void *failed = NULL;

    if (argc < 3)
        return 2;
    alarm(WATCHDOG_SECONDS);
    milliseconds = atoi(argv[2]);
    snprintf(paths[0], sizeof(paths[0]), "%s/plugin_one.so", argv[1]);
    snprintf(paths[1], sizeof(paths[1]), "%s/plugin_two.so", argv[1]);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, load_and_unload, paths[i % 2]);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        failed = result ? result : failed;
    }
    puts(failed ? "failed" : "done");
    return failed != NULL;
}
