/*
 * Which code belongs to which file in a process that is recorded from outside.
 * target_modules.c also implements core/modules/modules.h there, in place of the core's own:
 * "the modules" are those of the process last chosen by target_modules_use.
 */
#ifndef SHIM_OUTSIDE_TARGET_MODULES_H
#define SHIM_OUTSIDE_TARGET_MODULES_H

#include <sys/types.h>

#include "shim/core/modules/image.h"
#include "shim/core/modules/modules.h"

/* Of one process. */
struct target_modules {
    struct loaded_module *modules;
    uint32_t count;
    uint32_t generation;
};

/* Whether its memory may be read, as look-ahead must. */
bool target_memory_readable(pid_t process);

/*
 * The image of the process's executable, by its memory or else its file, and its
 * path (`size` bytes).  Needs memory_use_process.  False: it cannot be read, or has no such image.
 */
bool target_executable(pid_t process, struct image *image, char *path, size_t size);

/*
 * Reads them anew, from /proc/PID/maps and the images in memory (or their files), and adds new
 * ones to the store.  Needs memory_use_process.  What was known stays where the
 * process is gone.
 */
void target_modules_read(struct target_modules *modules, pid_t process);

/* Those of a process that was forked from it.  False: no memory. */
bool target_modules_copy(struct target_modules *modules, const struct target_modules *of);

/* The modules that the core asks for from here on; they must stay. */
void target_modules_use(const struct target_modules *modules);

/* Frees the list, which is empty afterwards. */
void target_modules_free(struct target_modules *modules);

#endif
