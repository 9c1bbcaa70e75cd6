#include "shim/preload/preload.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

#include "shim/objects/object.h"

static const struct core_interface *core;
static bool stands_aside;

const struct core_interface *preload_core(void)
{
    return __atomic_load_n(&core, __ATOMIC_ACQUIRE);
}

void preload_set_core(const struct core_interface *started)
{
    __atomic_store_n(&core, started, __ATOMIC_RELEASE);
}

void preload_stand_aside(void)
{
    __atomic_store_n(&stands_aside, true, __ATOMIC_RELAXED);
}

bool preload_stands_aside(void)
{
    return __atomic_load_n(&stands_aside, __ATOMIC_RELAXED);
}

/* What dlsym(RTLD_NEXT) does, without its locks; NULL where only that can tell. */
static void *next_find(const char *name)
{
    const struct link_map *map = _r_debug.r_map;
    void *found = NULL;

    while (map && map->l_ld != _DYNAMIC)
        map = map->l_next;
    for (map = map ? map->l_next : NULL; map && !found; map = map->l_next) {
        struct object object = object_of_loaded(map->l_addr, map->l_ld);
        found = object_find(&object, name);
    }
    return found;
}

void *preload_next(void **slot, const char *name)
{
    void *function = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (!function) {
        function = next_find(name);
        if (!function)
            function = dlsym(RTLD_NEXT, name);
        __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    }
    return function;
}
