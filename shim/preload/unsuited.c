#include "shim/preload/unsuited.h"

#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "shim/core/ground/system_call.h"
#include "shim/preload/filter_trial.h"
#include "shim/preload/preload.h"
#include "shim/program/fit.h"

/* --- a program without a libc of its own ------------------------------------------ */

/* The first object is the program. */
static int program_look(struct dl_phdr_info *program, size_t size, void *has_libraries)
{
    (void)size;
    for (unsigned i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        const ElfW(Dyn) *entry = (const void *)(program->dlpi_addr + segment->p_vaddr);
        if (segment->p_type != PT_DYNAMIC)
            continue;
        while (entry->d_tag != DT_NULL && entry->d_tag != DT_NEEDED)
            entry++;
        *(bool *)has_libraries = entry->d_tag == DT_NEEDED;
    }
    return 1;
}

/* --- a debugger ------------------------------------------------------------------- */

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

/* Those that stop at each signal and wait for their user; strace and its kin go on by themselves.
 */
static bool is_debugger(const char *name)
{
    static const char *const names[] = {"gdb", "lldb", "rr"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Whether a debugger has started us, by the text of /proc/self/status; `name` gets its name. */
static bool debugger_find(const char *text, char *name, size_t size)
{
    char path[64];
    const char *line = strstr(text, "\nTracerPid:");
    long tracer;

    tracer = line ? strtol(line + strlen("\nTracerPid:"), NULL, 10) : 0;
    if (tracer == 0)
        return false;
    snprintf(path, sizeof(path), "/proc/%ld/comm", tracer);
    file_read(path, name, size);
    name[strcspn(name, "\n")] = '\0';
    return is_debugger(name);
}

/* From then on, no system call of ours at all. */
static bool filter_forbids(const char *status, char *why, size_t size)
{
    if (!filter_is_present(status) || filter_trial(why, size))
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
        snprintf(why, size, "its limit on %s is too small to share",
                 addresses ? "address space (ulimit -v)" : "data (ulimit -d)");
    return addresses || data;
}

bool unsuited(char *why, size_t size)
{
    bool has_libraries = true;
    char debugger[64], text[4096];

    dl_iterate_phdr(program_look, &has_libraries);
    if (!has_libraries)
        snprintf(why, size, "it %s: its threads and signals go past libc",
                 fit_text(FIT_NO_LIBRARIES));
    else if (file_read("/proc/self/status", text, sizeof(text)) &&
             debugger_find(text, debugger, sizeof(debugger)))
        snprintf(why, size, "%s debugs it, which would stop at each sample", debugger);
    else
        return filter_forbids(text, why, size) || memory_is_scarce(why, size);
    return true;
}
