/*
 * MiniDebugInfo: Fedora, RHEL and others ship programs stripped, with the symbols of their own
 * functions in a section .gnu_debugdata, which is an ELF file compressed with xz
 * (https://sourceware.org/gdb/current/onlinedocs/gdb.html/MiniDebugInfo.html).
 */
#ifndef ANALYZER_MODEL_BINARY_MINI_SYMBOLS_H
#define ANALYZER_MODEL_BINARY_MINI_SYMBOLS_H

#include <libelf.h>

/*
 * That file, or NULL where there is none or it cannot be unpacked; the caller ends it with
 * elf_end.  It has no symbol that .dynsym has.
 */
Elf *mini_symbols_open(Elf *binary);

#endif
