#include "shim/record/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "shim/record/say.h"

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

static enum recording refuse(const char *path, const char *what, const char *remedy)
{
    record_say("%s %s\n  remedy: %s", path, what, remedy);
    return RECORDING_REFUSED;
}

/* A static program at any address says so (DT_FLAGS_1); other shared objects are none. */
static bool dynamic_is_program(Elf *elf, uint64_t offset, uint64_t size)
{
    Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)offset, size, ELF_T_DYN);
    GElf_Dyn entry;

    for (int i = 0; data && gelf_getdyn(data, i, &entry); i++)
        if (entry.d_tag == DT_FLAGS_1)
            return entry.d_un.d_val & DF_1_PIE;
    return false;
}

static bool elf_is_dynamic(Elf *elf, bool *is_shared_object_without_interpreter)
{
    size_t count = 0;
    bool has_interpreter = false, lone_object = false;

    if (elf_getphdrnum(elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header))
            return false;
        has_interpreter = has_interpreter || header.p_type == PT_INTERP;
        if (header.p_type == PT_DYNAMIC)
            lone_object = !dynamic_is_program(elf, header.p_offset, header.p_filesz);
    }
    *is_shared_object_without_interpreter = lone_object && !has_interpreter;
    return has_interpreter;
}

static enum recording elf_check(const char *path, int descriptor)
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
    return dynamic ? RECORDING_PRELOADED : RECORDING_OUTSIDE;
}

static enum recording privileges_check(const char *path, const struct stat *status)
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
    return RECORDING_PRELOADED;
}

/* A script: what gets recorded is its interpreter, and what that starts. */
static enum recording script_note(const char *path, const char *first, size_t size)
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
    return RECORDING_PRELOADED;
}

enum recording program_check(const char *name, char *path, size_t size)
{
    struct stat status;
    char first[256];
    ssize_t length;
    int descriptor;
    enum recording recording;

    if (!program_find(name, path, size))
        return refuse(name, "not found", "check the name, or give its path");
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse(path, "is not a file that can be run", "name a program");
    if (access(path, X_OK) != 0)
        return refuse(path, "may not be executed", "chmod +x it");
    if (privileges_check(path, &status) == RECORDING_REFUSED)
        return RECORDING_REFUSED;
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) /* execute-only: leave it to the kernel */
        return RECORDING_PRELOADED;
    length = pread(descriptor, first, sizeof(first), 0);
    if (length >= 2 && first[0] == '#' && first[1] == '!')
        recording = script_note(path, first, (size_t)length);
    else
        recording = elf_check(path, descriptor);
    close(descriptor);
    return recording;
}
