#include "shim/preload/core_objects.h"

#include <limits.h>
#include <link.h>
#include <string.h>

#include "shim/core/ground/text.h"
#include "shim/objects/object.h"

#define CORE_NAME "libpgoshim-core.so"
#define ORIGIN "$ORIGIN" /* in DT_RPATH */
#define MOST_LIBRARIES 4
#define MOST_OBJECTS (1 + MOST_LIBRARIES + 2) /* the core, its libraries, libc and its linker */
#define THREAD_WORDS 8

static const char *own_path;

/* The core's thread-local variables: a block of ours, since the dynamic linker knows of none. */
static __thread uint64_t thread_block[THREAD_WORDS];

uint64_t core_objects_prepare(void)
{
    const struct link_map *last = NULL;

    for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
        last = map;
        if (map->l_ld == _DYNAMIC)
            own_path = map->l_name;
    }
    return (uint64_t)(uintptr_t)last;
}

static bool name_ends(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

static bool is_system(const char *name)
{
    return name_ends(name, "libc.so.6") || name_ends(name, "ld-linux-x86-64.so.2");
}

struct loading {
    struct object_mapped mapped[1 + MOST_LIBRARIES]; /* the core is the first */
    size_t count;
    struct object scope[MOST_OBJECTS];
    size_t scope_count;
    char *why;
    size_t why_size;
};

/* The length of the path of our own directory, with its slash; 0: the name has none. */
static int own_directory_length(void)
{
    const char *slash = own_path ? strrchr(own_path, '/') : NULL;
    return slash ? (int)(slash - own_path + 1) : 0;
}

/* One of the core's libraries: DT_RPATH is a list of directories, $ORIGIN that of the core. */
static bool library_map(struct loading *work, const char *directories, const char *name)
{
    struct object_mapped *mapped = &work->mapped[work->count];
    char path[PATH_MAX];

    text_print(work->why, work->why_size, "%s is needed, and is not there", name);
    for (const char *at = directories; *at && work->count <= MOST_LIBRARIES;) {
        size_t length = strcspn(at, ":");
        if (length == sizeof(ORIGIN) - 1 && memcmp(at, ORIGIN, length) == 0)
            text_print(path, sizeof(path), "%.*s%s", own_directory_length(),
                       own_path ? own_path : "", name);
        else
            text_print(path, sizeof(path), "%.*s/%s", (int)length, at, name);
        if (object_map(path, mapped, work->why, work->why_size)) {
            work->count++;
            return true;
        }
        at += length + (at[length] == ':');
    }
    return false;
}

static bool libraries_map(struct loading *work)
{
    const struct object *core = &work->mapped[0].object;
    const char *directories = "";

    for (const Elf64_Dyn *entry = core->dynamic; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_RPATH || entry->d_tag == DT_RUNPATH)
            directories = core->names + entry->d_un.d_val;
    for (const Elf64_Dyn *entry = core->dynamic; entry->d_tag != DT_NULL; entry++) {
        const char *name = core->names + entry->d_un.d_val;
        if (entry->d_tag == DT_NEEDED && !is_system(name) && !library_map(work, directories, name))
            return false;
    }
    return true;
}

/* What was mapped here, then libc: the objects that the program began with stay in their list. */
static void scope_make(struct loading *work)
{
    for (size_t i = 0; i < work->count; i++)
        work->scope[work->scope_count++] = work->mapped[i].object;
    for (const struct link_map *map = _r_debug.r_map; map && work->scope_count < MOST_OBJECTS;
         map = map->l_next)
        if (is_system(map->l_name))
            work->scope[work->scope_count++] = object_of_loaded(map->l_addr, map->l_ld);
}

/* What libraries need for functions that the core does not use. */
static long does_nothing(void)
{
    return 0;
}

static bool all_relocate(struct loading *work)
{
    struct object_scope scope = {
        .objects = work->scope,
        .count = work->scope_count,
        .thread_offset = (uintptr_t)thread_block - (uintptr_t)__builtin_thread_pointer(),
    };

    if (work->mapped[0].thread_size > sizeof(thread_block)) {
        text_print(work->why, work->why_size, "it has too many thread-local variables");
        return false;
    }
    for (size_t i = 0; i < work->count; i++) {
        if (!object_relocate(&work->mapped[i], &scope, work->why, work->why_size))
            return false;
        scope.first = object_find(&work->mapped[0].object, "pgoshim_core_symbols");
        scope.otherwise = (void *)(uintptr_t)does_nothing;
    }
    return true;
}

const struct core_interface *core_objects_load(char *why, size_t why_size)
{
    char path[PATH_MAX], reason[512] = "";
    struct loading work = {.why = reason, .why_size = sizeof(reason)};
    const struct core_interface *core = NULL;
    bool done;

    text_print(path, sizeof(path), "%.*s%s", own_directory_length(), own_path ? own_path : "",
               CORE_NAME);
    done = object_map(path, &work.mapped[0], reason, sizeof(reason));
    work.count = done;
    done = done && libraries_map(&work);
    scope_make(&work);
    done = done && all_relocate(&work);
    if (done)
        core = object_find(&work.mapped[0].object, "pgoshim_core");
    if (core && core->version == CORE_INTERFACE_VERSION)
        return core;
    if (done)
        text_print(why, why_size, "%s is of another version", path);
    else
        text_print(why, why_size, "its core cannot be loaded: %s", reason);
    for (size_t i = 0; i < work.count; i++)
        object_unmap(&work.mapped[i]);
    return NULL;
}
