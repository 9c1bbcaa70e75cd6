/*
 * A sample profile as LLVM has it: per function, counts by place, the targets of
 * its calls, and the same again for what was inlined into it.  A place is a
 * source line after the function's declaration or, where the compiler put
 * pseudo-probes into the program, a probe's number.
 */
#ifndef ANALYZER_MODEL_SAMPLES_SAMPLE_PROFILE_H
#define ANALYZER_MODEL_SAMPLES_SAMPLE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"
#include "analyzer/model/counts/ranges_and_branches.h"

/* A place in a function: lines after its declaration, and which code of that line. */
struct sample_place {
    uint32_t line_offset; /* or the number of a probe */
    uint32_t discriminator;
};

struct sample_target {
    const char *function;
    uint64_t count;
};

struct sample_record {
    struct sample_place place;
    uint64_t count;
    struct sample_target *targets; /* in the order of adding until sample_profile_sort */
    size_t target_count, target_capacity;
};

struct sample_function {
    const char *name;
    struct sample_place call;      /* where it was inlined; meaningless at the top */
    uint64_t total;                /* of all its code, inlined functions included */
    uint64_t head;                 /* how often it was entered; 0 where inlined */
    uint64_t checksum;             /* of its control flow graph; only where by_probes */
    uint32_t attributes;           /* enum sample_attribute, as bits */
    bool is_flat;                  /* marked as one into which nothing was inlined */
    struct sample_record *records; /* by place */
    size_t record_count, record_capacity;
    struct sample_function **inlined; /* by call and name */
    size_t inlined_count, inlined_capacity;
};

/* What llvm-profgen's inliner says of a function in a context. */
enum sample_attribute {
    SAMPLE_WAS_INLINED = 1,
    SAMPLE_SHOULD_BE_INLINED = 2,
    SAMPLE_IN_BASE = 4,
};

/*
 * Where has_contexts, functions are told apart by who called them: their names
 * are "[main:3 @ f:1.2 @ g]", which is g as f called it from there, and so on.
 * Where has_hashes, names are LLVM's hashes of names, in decimal.
 */
struct sample_profile {
    bool by_probes;
    bool has_contexts;
    bool has_hashes;
    bool has_fs_discriminators;       /* the compiler's passes added to them */
    struct names names;               /* that the functions of the profile point to */
    struct names symbols;             /* of all functions of the program, or none: not told */
    struct sample_function top;       /* has the functions for `inlined` */
    struct address_accounts accounts; /* of what it was built from; zero where it was read */
};

/* No compiler inlines so deep; what reads files refuses more. */
#define SAMPLE_DEPTH_LIMIT 1000

/* sample_profile_free takes what is zero everywhere. */
void sample_profile_free(struct sample_profile *samples);

/* The profile's own copy of a name of `size` bytes, one for each name; NULL with ERROR_MEMORY. */
const char *sample_profile_name(struct sample_profile *samples, const char *name, size_t size,
                                struct error *error);

/* The same for a name of the program's, without what link-time optimisation and partial inlining
 * add to it. */
const char *sample_profile_plain_name(struct sample_profile *samples, const char *name,
                                      struct error *error);

/* A new function before the one at `place`, at most inlined_count; NULL with ERROR_MEMORY. */
struct sample_function *sample_function_insert(struct sample_function *parent, size_t place,
                                               const char *name, struct error *error);

/*
 * What is there for that key, made where it is new; NULL with ERROR_MEMORY.
 * Names must come from sample_profile_name.  A record stays where it is until
 * the next one is made.
 */
struct sample_function *sample_function_inlined(struct sample_function *parent,
                                                struct sample_place call, const char *name,
                                                struct error *error);
struct sample_record *sample_function_record(struct sample_function *function,
                                             struct sample_place place, struct error *error);
bool sample_record_add_target(struct sample_record *record, const char *function, uint64_t count,
                              struct error *error);

/* The sum of the counts of all places of a function and of those inlined into it. */
uint64_t sample_function_sum(const struct sample_function *function);

/* The order of places: by line, then discriminator. */
int sample_place_compare(struct sample_place a, struct sample_place b);

/* Frees a function that is no longer in a list, and all that is in it. */
void sample_function_free(struct sample_function *function);

#endif
