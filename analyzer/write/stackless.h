/*
 * Samples without a call stack: the recorder takes one with some of the samples only, and
 * what shows call stacks has to show the others too, or a part looks like the whole.
 */
#ifndef ANALYZER_WRITE_STACKLESS_H
#define ANALYZER_WRITE_STACKLESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"

/* The caller of a sample whose callers were not recorded. */
#define STACKLESS_CALLER "[no stack]"

struct stackless_sample {
    struct location place;
    uint64_t count;
};

struct stackless {
    struct stackless_sample *items; /* in order of place, each place once */
    size_t count;
    bool has_stacks; /* other samples have a call stack */
};

/*
 * Finds them in a normalised profile: at each address, the samples beyond the call stacks
 * that end there.  The caller frees with stackless_free, also after a failure.
 */
bool stackless_find(struct stackless *found, const struct profile *profile, struct error *error);
void stackless_free(struct stackless *found);

/* Says how many they are, where other samples have a call stack. */
void stackless_tell(const struct stackless *found, const struct profile *profile);

#endif
