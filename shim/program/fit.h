/*
 * Can the shim be preloaded into a program?  Decided from its file and from the dynamic
 * linker that the file asks for, before it runs: some programs end at once with a stranger
 * among their libraries, and others are not reached by one.
 *
 * Source of the formats: elf(5), execve(2), ld.so(8).
 *
 * Signal-safe, and fit for a child that shares its parent's memory (vfork): makes system calls
 * directly, of the kinds that the dynamic linker makes too, and takes 3 KiB of stack.
 */
#ifndef SHIM_PROGRAM_FIT_H
#define SHIM_PROGRAM_FIT_H

#include <stdbool.h>

/* The newest version of glibc's symbols that libpgoshim.so needs. */
#define FIT_GLIBC "GLIBC_2.34"

enum fit {
    FIT_PRELOAD,       /* it can be preloaded */
    FIT_STATIC,        /* no dynamic linker, which would load the shim */
    FIT_NO_LIBRARIES,  /* it loads none (Go without cgo): threads and signals go past libc */
    FIT_OTHER_LIBC,    /* musl, or a glibc older than FIT_GLIBC */
    FIT_RUNTIME_FIRST, /* AddressSanitizer's library, which ends a program where it is not first */
    FIT_OTHER_MACHINE, /* also 32 bits */
    FIT_OBJECT,        /* a shared object that is not a program */
    FIT_UNKNOWN,       /* neither ELF nor a script */
    FIT_UNREADABLE,    /* nothing is known of it */
};

struct fit_facts {
    enum fit fit;          /* of a script: its interpreter's */
    bool is_script;        /* begins with #! */
    char interpreter[256]; /* of a script, that with its argument; else the dynamic linker */
    char library[64];      /* FIT_RUNTIME_FIRST: that library's name */
};

/* Looks at the file that execve would run for `path`.  Returns facts->fit. */
enum fit fit_look(const char *path, struct fit_facts *facts);

/* Whether preloading is harmless: it works, or nobody hears of it. */
bool fit_is_harmless(enum fit fit);

/* What stands in the way, to follow the program's name: "is linked to another libc". */
const char *fit_text(enum fit fit);

#endif
