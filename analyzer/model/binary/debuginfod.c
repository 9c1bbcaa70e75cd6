#include "analyzer/model/binary/debuginfod.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define LIBRARY "libdebuginfod.so.1"

/* Of <elfutils/debuginfod.h>; an int is a descriptor, or a negative errno. */
struct library {
    void *(*begin)(void);
    int (*find_debug_file)(void *client, const unsigned char *build_id, int size, char **path);
    void (*end)(void *client);
};

static bool load(struct library *library)
{
    void *handle = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!handle)
        return false;
    /* POSIX's way to make a function of what dlsym returns. */
    *(void **)&library->begin = dlsym(handle, "debuginfod_begin");
    *(void **)&library->find_debug_file = dlsym(handle, "debuginfod_find_debuginfo");
    *(void **)&library->end = dlsym(handle, "debuginfod_end");
    return library->begin && library->find_debug_file && library->end;
}

char *debuginfod_find(const uint8_t *build_id, uint32_t build_id_size)
{
    struct library library;
    const char *servers = getenv("DEBUGINFOD_URLS");
    char *path = NULL;
    if (!servers || !*servers || build_id_size == 0 || !load(&library))
        return NULL;
    void *client = library.begin();
    if (!client)
        return NULL;
    int descriptor = library.find_debug_file(client, build_id, (int)build_id_size, &path);
    library.end(client);
    if (descriptor < 0)
        return NULL;
    close(descriptor);
    return path;
}
