/*
 * Which pages of the application's memory a sample may read directly.
 *
 * A checked read (memory.h) costs a system call of more than a microsecond, and
 * a window needs a dozen of them.  A plain load costs nothing, but faults where
 * the page is not there.  It cannot fault where the kernel has just said that the
 * page is readable, and nobody is there who could change that before the sample ends:
 *
 *   - the page is part of the interrupted thread's own stack, above the stack
 *     pointer: nobody takes it away from under the thread, which may itself have
 *     closed parts of it (mprotect, protection keys); or
 *   - the process has no other thread (the kernel says that, too) and this one is
 *     in our handler; or
 *   - the page belongs to an object that was loaded at the start and stays.
 *
 * Device mappings are never read: a page counts as plain memory only after a
 * checked read has succeeded there, which the kernel refuses for those, and
 * only for some seconds.
 *
 * State is per thread.  All but pages_start is signal-safe (shim/SIGNALS.md, rule 4).
 */
#ifndef SHIM_CORE_PAGES_PAGES_H
#define SHIM_CORE_PAGES_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096u
#define PAGE_ENTRIES 512u

struct pages {
    uint64_t stack_low, stack_high; /* of the sample: from the stack pointer up */
    uint32_t sample;                /* number of the present one; never 0 */
    uint32_t age;                   /* of the process, in units of about four seconds */
    bool alone;                     /* no other thread: mappings stay as they are */
    struct page_entry {
        uint64_t page;   /* its number */
        uint32_t sample; /* in which it was last found readable */
        uint32_t age;    /* at which it was last found to be plain memory */
    } entries[PAGE_ENTRIES];
};

/* Notes where the heap begins.  Once, outside handlers. */
void pages_start(void);

/* The heap is that since its end was at `start`, which is before our start.  Signal-safe. */
void pages_heap_from(uint64_t start);

/* Whether the calling thread is the only one that uses this memory.  Signal-safe. */
bool pages_process_is_alone(void);

/*
 * Before each sample: forgets what was readable.  The stack from `stack_low` to
 * `stack_high` is the interrupted thread's own; 0, 0: not known.
 */
void pages_begin(struct pages *pages, uint64_t stack_low, uint64_t stack_high);

/*
 * Whether the bytes from `address` to the end of its page may be read directly
 * until the sample ends.  False says only that a checked read is needed.
 */
bool pages_direct(struct pages *pages, uint64_t address);

/* Notes that a checked read at `address` has succeeded: the page is plain memory. */
void pages_mark_plain(struct pages *pages, uint64_t address);

/* Copies `size` bytes, a page at most, the cheapest way.  False: not all of it is readable. */
bool pages_read(struct pages *pages, void *to, uint64_t address, size_t size);

#endif
