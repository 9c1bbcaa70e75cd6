/*
 * The code of modules by their files: a process may have ended, run another program or have become
 * unreadable by the time that a sample of it is looked at.
 */
#ifndef SHIM_OUTSIDE_MODULE_CODE_H
#define SHIM_OUTSIDE_MODULE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/core/modules/modules.h"

/*
 * Keeps the file of the module of this number open, which `path` reaches now: another one than
 * before where it was replaced meanwhile.
 */
void module_code_keep(uint32_t number, const char *path);

/* Where the part of the module begins that holds `address` and is code. */
uint64_t module_code_start(const struct loaded_module *module, uint64_t address);

/*
 * Copies `size` bytes of code from `address`, which is the process's: by the file of `module` that
 * holds it, otherwise from memory.  False: neither has it.
 */
bool module_code_read(const struct loaded_module *module, uint64_t address, void *to, size_t size);

#endif
