/*
 * Reads of the application's memory that can never fault.
 *
 * process_vm_readv on ourselves: the kernel walks the page tables and says how
 * far it got.  No SIGSEGV handler of the application is ever met.  Signal-safe.
 */
#ifndef SHIM_CORE_GROUND_MEMORY_H
#define SHIM_CORE_GROUND_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Finds out whether checked reads work here (a container may refuse them).
 * Call again in a forked child: it remembers the process number.
 */
bool memory_start(void);

/* From here on it is another process's memory that is read: for recorders from outside. */
void memory_use_process(pid_t id);

/* Copies `size` bytes from `address`.  False: not all of it is readable. */
bool memory_read(void *to, uint64_t address, size_t size);

/* As memory_read, but up to a terminating NUL: false where none comes within `size` bytes. */
bool memory_read_string(char *to, uint64_t address, size_t size);

#endif
