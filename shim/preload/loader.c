/* The constructor: finds the core, and starts it. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shim/preload/preload.h"
#include "shim/preload/signals.h"

#define CORE_NAME "libpgoshim-core.so"

/* The core stands beside this object. */
static const struct core_interface *core_load(void)
{
    const struct core_interface *found;
    char path[PATH_MAX];
    const char *slash;
    Dl_info self;
    void *handle;

    if (!dladdr((void *)(uintptr_t)core_load, &self) || !self.dli_fname)
        return NULL;
    slash = strrchr(self.dli_fname, '/');
    if ((size_t)snprintf(path, sizeof(path), "%.*s%s",
                         slash ? (int)(slash - self.dli_fname + 1) : 0, self.dli_fname,
                         CORE_NAME) >= sizeof(path))
        return NULL;
    /* Never in the global scope: its libraries must not answer for the application's symbols. */
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        dlerror(); /* the application finds no error of ours */
        return NULL;
    }
    found = dlsym(handle, "pgoshim_core");
    return found && found->version == CORE_INTERFACE_VERSION ? found : NULL;
}

__attribute__((constructor)) static void preload_start(int argument_count, char **arguments)
{
    struct timespec start = {0, 0};
    int known = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    struct core_host host = {.start_cpu_ns = known == 0 ? (uint64_t)start.tv_sec * 1000000000u +
                                                              (uint64_t)start.tv_nsec
                                                        : 0,
                             .argument_count = argument_count,
                             .arguments = arguments,
                             .forward_signal = signals_forward};
    const struct core_interface *loaded = core_load();
    sigset_t mask;

    /* The core's libraries call these in the handler, where dlsym must not be met. */
    sigprocmask(SIG_BLOCK, NULL, &mask);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);

    if (loaded && loaded->start(&host))
        preload_set_core(loaded);
}
