/*
 * A function of a binary, as its symbols tell it.
 */
#ifndef ANALYZER_MODEL_BINARY_FUNCTION_H
#define ANALYZER_MODEL_BINARY_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A range of code with a name.  Functions do not overlap and are ordered by
 * address.  `extent` reaches up to the next function or the end of the section
 * (padding included), but in a stripped binary only as far as `size`, which is
 * the symbol's own, or the extent where it says 0.
 */
struct function {
    uint64_t address;
    uint64_t size;
    uint64_t extent;
    const char *name;      /* the symbol as it is in the file; aliases: the preferred one */
    const char *bolt_name; /* as BOLT calls it: "name", "name/1" where local, "name@PLT" */
    bool is_plt;           /* a procedure linkage table entry */
    bool is_local;
};

#endif
