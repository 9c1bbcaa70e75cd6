/*
 * Checked reads: reads of the application's memory that cannot fault.
 *
 * process_vm_readv on ourselves: the kernel walks the page tables and says how
 * far it got.  A SIGSEGV handler of the application is never called.
 * Signal-safe (shim/SIGNALS.md, rule 4).
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

/* From here on the memory of another process is read: for recording from outside. */
void memory_use_process(pid_t id);

/* Copies `size` bytes from `address`.  False: not all of it is readable. */
bool memory_read(void *to, uint64_t address, size_t size);

/*
 * Whether the page of `address` can be read by an instruction of this thread now: protection keys
 * count too.  Signal-safe.
 */
bool memory_is_readable(uint64_t address);

/* As memory_read, up to and with a terminating NUL.  False: no NUL within `size` bytes either. */
bool memory_read_string(char *to, uint64_t address, size_t size);

#endif
