/*
 * Shared objects that are brought into memory without the dynamic linker.
 *
 * The recorder starts in a signal handler, where the dynamic linker, its locks and its memory must
 * not be met.  So the core and the libraries that it needs are mapped and relocated here, by system
 * calls alone.  They are in no list of the dynamic linker: nobody's symbols are ever answered by
 * theirs, and theirs by nobody's but what `struct object_scope` says.
 *
 * Source of the layout: the gABI, its x86-64 supplement, and <elf.h>; of the hash table, the
 * GNU hash section as binutils writes it.  Signal-safe.
 */
#ifndef SHIM_OBJECTS_OBJECT_H
#define SHIM_OBJECTS_OBJECT_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One that is in memory, by its dynamic section. */
struct object {
    uintptr_t base; /* what its link-time addresses have to be added to */
    const Elf64_Dyn *dynamic;
    const Elf64_Sym *symbols;
    const char *names;
    const uint32_t *hash;     /* DT_GNU_HASH; NULL: it has none */
    const uint16_t *versions; /* DT_VERSYM or NULL */
};

/* The object whose dynamic section is there, loaded by the dynamic linker at `base`. */
struct object object_of_loaded(uintptr_t base, const Elf64_Dyn *dynamic);

/* Address of the function or variable `name`, of its default version.  NULL: there is none. */
void *object_find(const struct object *object, const char *name);

/* One that was mapped here. */
struct object_mapped {
    struct object object;
    uintptr_t start, size;       /* the mapping */
    uintptr_t relro, relro_size; /* becomes read-only once it is relocated */
    uint64_t thread_size;        /* bytes of thread-local variables, all zero at first */
};

/* Maps the file.  False: nothing was left mapped, and `why` says what failed. */
bool object_map(const char *path, struct object_mapped *mapped, char *why, size_t why_size);
void object_unmap(struct object_mapped *mapped);

/* A name that is answered before all others. */
struct object_symbol {
    const char *name; /* NULL: the end */
    void *address;
};

/* Where the symbols of an object are looked for, in this order. */
struct object_scope {
    const struct object_symbol *first; /* NULL: none */
    const struct object *objects;
    size_t count;
    void *otherwise;         /* what a function that nobody has is; NULL: that is an error */
    uintptr_t thread_offset; /* of a thread's block for its variables, from the thread pointer */
};

/* Relocates it.  False: `why` says what is missing. */
bool object_relocate(const struct object_mapped *mapped, const struct object_scope *scope,
                     char *why, size_t why_size);

#endif
