#include "shim/preload/unsuited.h"

#include <link.h>
#include <string.h>
#include <sys/resource.h>

#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/preload/filter_trial.h"
#include "shim/preload/preload.h"
#include "shim/program/fit.h"

/* --- a program without a libc of its own ------------------------------------------ */

/* The first object is the program. */
static bool program_has_libraries(void)
{
    const struct link_map *program = _r_debug.r_map;
    const ElfW(Dyn) *entry = program ? program->l_ld : NULL;

    if (!entry)
        return true;
    while (entry->d_tag != DT_NULL && entry->d_tag != DT_NEEDED)
        entry++;
    return entry->d_tag == DT_NEEDED;
}

/* --- an emulator ----------------------------------------------------------------- */

/* Valgrind executes the program and us on a CPU of its own, judges both, and preloads objects of
 * this name. */
static bool runs_in_valgrind(void)
{
    static const char name[] = "/vgpreload_";

    for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
        if (strstr(map->l_name, name))
            return true;
    return false;
}

/* --- a tracer ------------------------------------------------------------------- */

/* A file of /proc, or its beginning. */
static bool file_read(const char *path, char *text, size_t size)
{
    long descriptor = system_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), length;

    text[0] = '\0';
    if (descriptor < 0)
        return false;
    length = system_call(SYS_read, descriptor, text, size - 1);
    system_call(SYS_close, descriptor);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* Tracers that let each signal through by themselves. */
static bool goes_on(const char *name)
{
    static const char *const names[] = {"strace", "ltrace", "proot"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/*
 * Whether somebody traces us who may stop at each signal, as debuggers do, by the text of
 * /proc/self/status; `name` gets the name.
 */
static bool tracer_find(const char *text, char *name, size_t size)
{
    char path[64];
    const char *line = strstr(text, "\nTracerPid:");
    unsigned long number = 0;

    if (line) {
        line += strlen("\nTracerPid:");
        line += strspn(line, " \t");
        number = text_number(line, &line);
    }
    if (number == 0)
        return false;
    text_print(path, sizeof(path), "/proc/%lu/comm", number);
    file_read(path, name, size);
    name[strcspn(name, "\n")] = '\0';
    if (!name[0])
        text_print(name, size, "another process");
    return !goes_on(name);
}

/* From then on, no system call of ours at all. */
static bool filter_forbids(const char *status, char *why, size_t size)
{
    static long tried;
    long count = filters_count(status);

    if (count == tried)
        return false;
    tried = count;
    if (count == 0 || filter_trial(why, size))
        return false;
    preload_stand_aside();
    return true;
}

/* --- memory ----------------------------------------------------------------------- */

#define LEAST_ADDRESS_SPACE (UINT64_C(512) << 20) /* sixteen times what we map */
#define LEAST_DATA (UINT64_C(64) << 20)

static uint64_t limit_of(int resource)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    system_call(SYS_prlimit64, 0, resource, NULL, &limit);
    return limit.rlim_cur;
}

/* What we take of a small limit, the program may want. */
static bool memory_is_scarce(char *why, size_t size)
{
    bool addresses = limit_of(RLIMIT_AS) < LEAST_ADDRESS_SPACE;
    bool data = limit_of(RLIMIT_DATA) < LEAST_DATA;

    if (addresses || data)
        text_print(why, size, "its limit on %s is too small to share",
                   addresses ? "address space (ulimit -v)" : "data (ulimit -d)");
    return addresses || data;
}

/* What /proc/self/status tells. */
static bool status_forbids(char *why, size_t size)
{
    char tracer[64], text[4096];

    if (!file_read("/proc/self/status", text, sizeof(text)) ||
        !tracer_find(text, tracer, sizeof(tracer)))
        return filter_forbids(text, why, size);
    text_print(why, size, "%s debugs it, which may stop at each sample", tracer);
    return true;
}

bool unsuited_meanwhile(char *why, size_t size)
{
    return status_forbids(why, size) || memory_is_scarce(why, size);
}

bool unsuited(char *why, size_t size)
{
    if (!program_has_libraries())
        text_print(why, size, "it %s: its threads and signals go past libc",
                   fit_text(FIT_NO_LIBRARIES));
    else if (runs_in_valgrind())
        text_print(why, size, "it runs in valgrind, which would judge the recorder too");
    else
        return status_forbids(why, size);
    return true;
}
