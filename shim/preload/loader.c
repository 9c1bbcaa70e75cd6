/* The constructor: finds the core, and starts it. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shim/core/ground/log.h"
#include "shim/core/ground/notes.h"
#include "shim/preload/preload.h"
#include "shim/preload/rights.h"
#include "shim/preload/signal_stacks.h"
#include "shim/preload/signals.h"
#include "shim/preload/unsuited.h"

#define CORE_NAME "libpgoshim-core.so"

/* The core stands beside this object.  NULL: `why` says the reason. */
static const struct core_interface *core_load(char *why, size_t why_size)
{
    const struct core_interface *found;
    char path[PATH_MAX];
    const char *slash;
    Dl_info self;
    void *handle;

    snprintf(why, why_size, "its core %s was not found", CORE_NAME);
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
        const char *error = dlerror(); /* which the application finds no more */
        snprintf(why, why_size, "its core cannot be loaded: %s", error ? error : path);
        return NULL;
    }
    snprintf(why, why_size, "%s is of another version", path);
    found = dlsym(handle, "pgoshim_core");
    return found && found->version == CORE_INTERFACE_VERSION ? found : NULL;
}

static void refuse(const char *why)
{
    if (!why[0])
        return; /* not even that may be said */
    log_line("not profiled: %s", why);
    notes_add(NULL, why);
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
    const struct core_interface *loaded;
    char why[1024];
    sigset_t mask;

    log_start();
    notes_start();
    exec_prepare();
    jumps_prepare();
    rights_prepare();
    if (unsuited(why, sizeof(why)) || !(loaded = core_load(why, sizeof(why)))) {
        refuse(why);
        return;
    }

    /* The core's libraries call these in the handler, where dlsym must not be met. */
    sigprocmask(SIG_BLOCK, NULL, &mask);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);

    signals_note_inherited();
    if (loaded->start(&host))
        preload_set_core(loaded);
    if (preload_core())
        handlers_adopt();
}
