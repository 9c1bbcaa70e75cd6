/*
 * Whether a profile still is of a binary, function by function: which of its functions are
 * gone, and how many of its counts lie where the code of today has no such branch or no
 * instruction.
 */
#ifndef ANALYZER_MODEL_COMPARE_STALENESS_H
#define ANALYZER_MODEL_COMPARE_STALENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

struct staleness_function {
    const char *name; /* lives as long as the binary and the profile */
    uint64_t count;
    uint64_t differing; /* of those, where the code does not allow it */
    uint64_t size;      /* bytes; 0 where it is gone */
    bool is_gone;       /* no function of the binary is called so */
};

/* Begins as {0}. */
struct staleness {
    struct staleness_function *functions; /* the most differing counts first */
    size_t function_count, function_capacity;
    uint64_t counts; /* branches out of functions, and samples in them */
    uint64_t differing;
    uint64_t outside; /* in none of the binary's functions, not part of `counts` */
    size_t gone_functions;
};

/*
 * Of one module of a normalised profile.  A branch differs where the instruction
 * that it is said to come from does not branch or begins elsewhere, a sample
 * where no instruction begins.  The caller frees also after a failure.
 */
bool staleness_of_addresses(struct staleness *staleness, const struct profile *profile,
                            uint32_t module, const struct binary *binary, struct error *error);

/*
 * Of a sorted profile by symbol.  Here a count is also right where it goes on to
 * the next instruction: a way from block to block.
 */
bool staleness_of_symbols(struct staleness *staleness, const struct symbol_profile *symbols,
                          const struct binary *binary, struct error *error);

void staleness_free(struct staleness *staleness);

#endif
