/*
 * Decoded code, per thread: contiguous chains of micro-operations, linked
 * directly where control goes from one to another.  When the cache is full, or
 * a module was unloaded, all of it is forgotten.
 *
 * Code outside modules (made by a just-in-time compiler) may change at any
 * moment: its chains begin with OPERATION_VERIFY, which compares the bytes with
 * those that were decoded, once in every window that comes by.  Signal-safe.
 */
#ifndef SHIM_CORE_LOOKAHEAD_CODE_CACHE_H
#define SHIM_CORE_LOOKAHEAD_CODE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/lookahead/lines.h"
#include "shim/core/lookahead/operation.h"

#define CODE_OPERATIONS 40960u /* with the entries, most of a thread's memory */
#define CODE_ENTRIES 16384u    /* a power of two */

struct decoded_code {
    uint32_t count;      /* operations in use; 0: never used */
    uint32_t generation; /* of the modules that were decoded */
    uint32_t entry_count;
    uint32_t decoded;           /* instructions decoded, ever */
    uint32_t window;            /* number of the present one */
    struct memory_lines *lines; /* memory as the window sees it, changing code included */
    struct code_entry {
        uint64_t address; /* 0: empty */
        uint32_t operation;
    } entries[CODE_ENTRIES];
    struct operation operations[CODE_OPERATIONS];
};

/*
 * Before each window, for which `lines` has begun: forgets what may no longer be
 * true, makes room for one window.
 */
void code_begin(struct decoded_code *code, struct memory_lines *lines);

/* After a window: whether a module was found to be gone in it, so that it went by what is no more.
 */
bool code_is_void(const struct decoded_code *code);

/*
 * The operation at `address`, decoded where it is new.  0: not readable, or no
 * more room in this window.
 */
uint32_t code_find(struct decoded_code *code, uint64_t address);

/*
 * Where to go on from `operation`, an OPERATION_VERIFY at the code at `address`:
 * the operation after it, or code decoded afresh.  0 as above.
 */
uint32_t code_verify(struct decoded_code *code, struct operation *operation, uint64_t address);

#endif
