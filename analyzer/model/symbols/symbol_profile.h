/*
 * A profile as BOLT has it, by symbol: how often control went from one place of
 * a function to one of another, or how often a place was sampled.  It needs no
 * binary to be understood, added up and compared.
 */
#ifndef ANALYZER_MODEL_SYMBOLS_SYMBOL_PROFILE_H
#define ANALYZER_MODEL_SYMBOLS_SYMBOL_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"

/* What a name is of; BOLT's own numbers. */
enum symbol_kind {
    SYMBOL_UNKNOWN = 0, /* no function: its name is SYMBOL_UNKNOWN_NAME */
    SYMBOL_FUNCTION = 1,
    SYMBOL_FILE_LOCAL = 2, /* a function by name and source file */
};

#define SYMBOL_UNKNOWN_NAME "[unknown]"

struct symbol_place {
    enum symbol_kind kind;
    const char *name; /* from symbol_profile.names */
    uint64_t offset;  /* bytes into it */
};

/* What a record counts, in the order in which llvm-bolt reads them. */
enum symbol_event {
    SYMBOL_EVENT_BRANCH, /* control went from `from` to `to` */
    SYMBOL_EVENT_SAMPLE, /* `from` was sampled; there is no `to` */
    SYMBOL_EVENT_MEMORY, /* the instruction at `from` read the data at `to` */
};

struct symbol_record {
    enum symbol_event event;
    struct symbol_place from, to;
    uint64_t mispredictions;
    uint64_t count;
};

/*
 * Where the counts by address are that a profile was made of: taken branches, or sampled
 * addresses where no branches are known.  The first four are all there were.
 */
struct symbol_accounts {
    bool are_branches;
    uint64_t kept;
    uint64_t returns;   /* which BOLT takes for no branches */
    uint64_t outside;   /* of the binary, but in none of its functions */
    uint64_t elsewhere; /* of other binaries, or of code that no file has */
    uint64_t unused; /* sampled addresses beside branches, from which no run in the binary goes */
    uint64_t runs;   /* of straight code, in the binary */
    uint64_t runs_impossible, runs_outside; /* of those: not of its code, not of its functions */
};

/* Begins as {0}. */
struct symbol_profile {
    struct names names;
    bool is_sampled;               /* its records of code are samples, no branches are known */
    bool is_bolted;                /* of a binary that BOLT had rewritten */
    char *events;                  /* that made the samples, separated by blanks; NULL: not told */
    struct symbol_record *records; /* in the order of adding until symbol_profile_sort */
    size_t count, capacity;
    size_t compact_count;            /* records left by the last symbol_profile_sort */
    struct symbol_accounts accounts; /* of symbol_profile_build; all 0 else */
};

void symbol_profile_free(struct symbol_profile *profile);

/* Adds a copy of the record; its names are kept. */
bool symbol_profile_add(struct symbol_profile *profile, const struct symbol_record *record,
                        struct error *error);

/*
 * Adds all of `from`, its counts times `weight`.  Equal records are added up from
 * time to time.  ERROR_PROFILE_KIND, about the file `path`, where only one of
 * both is sampled, or only one of a rewritten binary; an `into` without records of code
 * becomes of that kind.
 */
bool symbol_profile_merge(struct symbol_profile *into, const struct symbol_profile *from,
                          uint64_t weight, const char *path, struct error *error);

/* Sorts by place, by name and offset, and adds up equal records. */
void symbol_profile_sort(struct symbol_profile *profile);

/* The sum of all counts. */
uint64_t symbol_profile_total(const struct symbol_profile *profile);

/* The order of symbol_profile_sort. */
int symbol_record_compare(const struct symbol_record *a, const struct symbol_record *b);

#endif
