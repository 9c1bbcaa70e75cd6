/* dlclose: code that is gone must not be followed any more. */
#include <dlfcn.h>

#include "shim/preload/preload.h"

PRELOAD_EXPORT int dlclose(void *handle)
{
    static void *slot;
    const struct core_interface *core = preload_core();
    int (*next)(void *);
    int result;

    *(void **)&next = preload_next(&slot, "dlclose");
    result = next(handle);
    if (core)
        core->modules_changed();
    return result;
}
