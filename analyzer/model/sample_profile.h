/*
 * A sample profile as LLVM has it: per function, counts by source line relative
 * to the function's declaration, the targets of its calls, and the same again
 * for what was inlined into it.  The rules are llvm-profgen's, so that profiles
 * from here and from there agree.  Used by the LLVM sample profile writers.
 */
#ifndef ANALYZER_MODEL_SAMPLE_PROFILE_H
#define ANALYZER_MODEL_SAMPLE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary.h"
#include "analyzer/model/profile.h"

/* A place in a function: lines after its declaration, and which code of that line. */
struct sample_place {
    uint32_t line_offset;
    uint32_t discriminator;
};

struct sample_target {
    const char *function;
    uint64_t count;
};

struct sample_record {
    struct sample_place place;
    uint64_t count;
    struct sample_target *targets; /* by name until the profile is built, then by count */
    size_t target_count, target_capacity;
};

struct sample_function {
    const char *name;
    struct sample_place call; /* where it was inlined; meaningless at the top */
    uint64_t total;           /* count times bytes of all its code, inlined functions included */
    uint64_t head;            /* how often it was entered; 0 where inlined */
    struct sample_record *records; /* by place */
    size_t record_count, record_capacity;
    struct sample_function **inlined; /* by call and name */
    size_t inlined_count, inlined_capacity;
};

struct source_lines;

struct sample_profile {
    struct source_lines *lines; /* owns the names */
    char **names;               /* those that are not in the debug information */
    size_t name_count, name_capacity;
    struct sample_function top; /* has the functions for `inlined`, largest total first */
};

/*
 * Of one module of a profile.  ERROR_NO_DEBUG_INFO where the binary has none
 * for the code that ran.  The caller frees with sample_profile_free, also after
 * a failure.
 */
bool sample_profile_build(struct sample_profile *samples, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct error *error);
void sample_profile_free(struct sample_profile *samples);

#endif
