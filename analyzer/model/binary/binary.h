/*
 * What a binary is: an ELF program or shared object on disk, its identity, its
 * functions and its code bytes, all by link-time address.  Read through
 * elfutils; knows nothing of profiles' files or output formats.
 */
#ifndef ANALYZER_MODEL_BINARY_BINARY_H
#define ANALYZER_MODEL_BINARY_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/function.h"

struct binary;

/*
 * Opens an ELF executable or shared object.  The file is read now and closed.
 * ERROR_OPEN, ERROR_READ, ERROR_NOT_ELF or ERROR_ELF_GARBLED; it may be of any machine;
 * a stripped binary opens (see binary_is_stripped), with its separate debug file
 * where one is found (see separate_debug_file.h).  binary_free takes NULL.
 */
struct binary *binary_open(const char *path, struct error *error);
void binary_free(struct binary *binary);

/*
 * Reads what the binary lacks (functions, source lines) from this debug file of
 * its build instead of the one found; what pointed to functions is void.
 * ERROR_DEBUG_FILE where it is of another build, or as binary_open.
 */
bool binary_use_debug_file(struct binary *binary, const char *path, struct error *error);

const char *binary_path(const struct binary *binary);
uint16_t binary_machine(const struct binary *binary); /* EM_X86_64 … */
/* "AArch64", or "ELF machine 258" where it has no name here.  Returns `text`. */
char *machine_text(unsigned machine, char text[32]);
bool binary_is_64_bit(const struct binary *binary);
bool binary_is_big_endian(const struct binary *binary);
uint16_t binary_elf_type(const struct binary *binary); /* ET_EXEC, ET_DYN */
bool binary_is_pie(const struct binary *binary);       /* an executable at any address */
bool binary_is_shared_object(const struct binary *binary);
/* When functions of other modules are looked up: at the start (-z now), or at their first calls. */
bool binary_binds_now(const struct binary *binary);
bool binary_binds_lazily(const struct binary *binary);
bool binary_is_stripped(const struct binary *binary); /* no .symtab of its own */
bool binary_has_symbols(const struct binary *binary); /* .symtab, its own or the debug file's */
/* clang marks programs whose discriminators its later passes added to (-enable-fs-discriminator).
 */
bool binary_has_fs_discriminators(const struct binary *binary);
bool binary_has_relocations(const struct binary *binary); /* of .text, by -Wl,--emit-relocs */
/* The same as CREL only, which llvm-bolt cannot read (up to 22). */
bool binary_has_compact_relocations(const struct binary *binary);
bool binary_is_bolted(const struct binary *binary); /* has .note.bolt_info, or sections of BOLT */
bool binary_has_code(const struct binary *binary);  /* in the file: a debug file has none */
/* And .note.bolt_bat: see bolt_translation.h. */
bool binary_has_translation(const struct binary *binary);

/* The build-id's bytes, or NULL with *size 0 where it has none. */
const uint8_t *binary_build_id(const struct binary *binary, uint32_t *size);

/* The link-time address of the first loadable segment, and the range of all of them. */
uint64_t binary_first_segment(const struct binary *binary);
void binary_range(const struct binary *binary, uint64_t *low, uint64_t *high);

/*
 * The page that the first executable segment begins in, and what is to be added
 * to offsets of its bytes in the file to get their addresses; both 0 where
 * there is none.
 */
void binary_first_code(const struct binary *binary, uint64_t *page, uint64_t *bias);

/*
 * What is to be added to offsets in the file to get link-time addresses, for
 * code in those `size` bytes of it; false where there is no code.
 */
bool binary_link_bias(const struct binary *binary, uint64_t offset, uint64_t size, uint64_t *bias);

/* Functions, in order of address; only dynamic symbols where binary_has_symbols is false. */
size_t binary_function_count(const struct binary *binary);
const struct function *binary_function(const struct binary *binary, size_t index);

/* The function whose extent contains the address, or NULL. */
const struct function *binary_function_at(const struct binary *binary, uint64_t address);

/*
 * Executable bytes at a link-time address: a pointer into the binary, valid as
 * long as it is, with the number of bytes up to the end of the section; NULL
 * where there is no code in the file.
 */
const uint8_t *binary_code_at(const struct binary *binary, uint64_t address, size_t *size);

/* The same for anything that the file puts into memory, data included. */
const uint8_t *binary_bytes_at(const struct binary *binary, uint64_t address, size_t *size);

/*
 * A place where a room above keeps what it made of the binary (a decoder of its code), for
 * all who ask later.  It begins with `kept` NULL; the binary calls `free` for what is there
 * in the end.
 */
struct binary_attachment {
    void *kept;
    void (*free)(void *kept);
};
struct binary_attachment *binary_attachment(const struct binary *binary);

#endif
