/* Can the shim be preloaded into this program?  Said before it runs, with the way out. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "shim/record/record.h"

/* As execvp does it. */
static bool program_find(const char *name, char *path, size_t size)
{
    const char *directories = getenv("PATH");

    if (strchr(name, '/')) {
        snprintf(path, size, "%s", name);
        return access(path, F_OK) == 0;
    }
    for (const char *at = directories ? directories : "/usr/bin:/bin"; at;) {
        const char *end = strchrnul(at, ':');
        snprintf(path, size, "%.*s%s%s", (int)(end - at), at, end > at ? "/" : "", name);
        if (access(path, X_OK) == 0)
            return true;
        at = *end ? end + 1 : NULL;
    }
    return false;
}

static bool refuse(const char *path, const char *what, const char *remedy)
{
    record_say("%s %s\n  remedy: %s", path, what, remedy);
    return false;
}

static bool elf_is_dynamic(Elf *elf, bool *is_shared_object_without_interpreter)
{
    size_t count = 0;
    bool has_interpreter = false, has_dynamic = false;

    if (elf_getphdrnum(elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header))
            return false;
        has_interpreter = has_interpreter || header.p_type == PT_INTERP;
        has_dynamic = has_dynamic || header.p_type == PT_DYNAMIC;
    }
    *is_shared_object_without_interpreter = has_dynamic && !has_interpreter;
    return has_interpreter;
}

static bool elf_check(const char *path, int descriptor)
{
    Elf *elf;
    GElf_Ehdr header;
    bool dynamic, lone_object = false, fits;

    elf_version(EV_CURRENT);
    elf = elf_begin(descriptor, ELF_C_READ, NULL);
    if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
        elf_end(elf);
        return refuse(path, "is not a program", "name an ELF executable or a script");
    }
    fits = header.e_machine == EM_X86_64 && header.e_ident[EI_CLASS] == ELFCLASS64;
    dynamic = elf_is_dynamic(elf, &lone_object);
    elf_end(elf);
    if (!fits)
        return refuse(path, "is for another machine", "64-bit x86 programs can be recorded");
    if (!dynamic && lone_object)
        return refuse(path, "is a static or shared object without an interpreter",
                      "record the program that loads it");
    if (!dynamic)
        return refuse(path, "is statically linked: nothing can be preloaded into it",
                      "link it dynamically, or record it with: perf record -e cpu-clock");
    return true;
}

static bool privileges_check(const char *path, const struct stat *status)
{
    char capabilities[64];
    bool root = geteuid() == 0;

    if ((status->st_mode & S_ISUID && status->st_uid != geteuid()) ||
        (status->st_mode & S_ISGID && status->st_mode & S_IXGRP && status->st_gid != getegid()))
        return refuse(path, "is set-user-ID or set-group-ID: preloading is ignored for it",
                      "record a copy without that bit: cp --no-preserve=mode PROGRAM COPY");
    if (!root && getxattr(path, "security.capability", capabilities, sizeof(capabilities)) > 0)
        return refuse(path, "has file capabilities: preloading is ignored for it",
                      "record a copy, which has none: cp PROGRAM COPY");
    return true;
}

/* A script: what gets recorded is its interpreter, and what that starts. */
static bool script_note(const char *path, const char *first, size_t size)
{
    char interpreter[256];
    const char *at = first + 2;
    const char *end = memchr(first, '\n', size);

    if (!end)
        end = first + size;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    snprintf(interpreter, sizeof(interpreter), "%.*s", (int)(end - at), at);
    record_say("note: %s is a script: its interpreter (%s) and the programs it starts are "
               "recorded",
               path, interpreter);
    return true;
}

bool target_check(const char *name, char *path, size_t size)
{
    struct stat status;
    char first[256];
    ssize_t length;
    int descriptor;
    bool good;

    if (!program_find(name, path, size))
        return refuse(name, "not found", "check the name, or give its path");
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse(path, "is not a file that can be run", "name a program");
    if (access(path, X_OK) != 0)
        return refuse(path, "may not be executed", "chmod +x it");
    if (!privileges_check(path, &status))
        return false;
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) /* execute-only: leave it to the kernel */
        return true;
    length = pread(descriptor, first, sizeof(first), 0);
    if (length >= 2 && first[0] == '#' && first[1] == '!')
        good = script_note(path, first, (size_t)length);
    else
        good = elf_check(path, descriptor);
    close(descriptor);
    return good;
}
