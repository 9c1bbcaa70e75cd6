/*
 * What a cycle has done already, in a file of its working directory, so that it goes
 * on where it was interrupted.  A stage is done where its key is the one that is
 * kept: a digest of everything that it depends on.
 */
#ifndef BOLT_BRIDGE_CYCLE_STATE_H
#define BOLT_BRIDGE_CYCLE_STATE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/counting/sides.h"
#include "bolt-bridge/process/measure.h"

#define STATE_FILE "cycle.json"
#define STATE_KEY_SIZE 33

/* A key in the making.  state_key_finish ends it, whatever happened before. */
struct state_key {
    FILE *stream;
    char *text;
    size_t size;
    bool failed;
    struct error error; /* why */
};

void state_key_begin(struct state_key *key);
void state_key_text(struct state_key *key, const char *text); /* NULL is another text than "" */
void state_key_number(struct state_key *key, double number);
void state_key_words(struct state_key *key, char *const *words); /* NULL-terminated; or NULL */
/* The content of a file; one that cannot be read fails the key. */
void state_key_file(struct state_key *key, const char *path);
/* Errors: ERROR_MEMORY, or ERROR_READ of the file that could not be read. */
bool state_key_finish(struct state_key *key, char digest[STATE_KEY_SIZE], struct error *error);

struct state;

/*
 * What the file `name` in `directory` knows; nothing is kept where it is NULL.  A state file of
 * another version, or one that is damaged, counts as none.  The directory is locked until
 * state_free: ERROR_OPEN where another cycle works in it.  state_free takes NULL.
 */
struct state *state_open(const char *directory, const char *name, struct error *error);
void state_free(struct state *state);

/* What the stage left, if it was done with this key (borrowed); NULL. */
const json_t *state_done(const struct state *state, const char *stage, const char *key);

/* The stage is done; takes over `result`.  Errors: ERROR_WRITE, ERROR_MEMORY (result NULL). */
bool state_keep(struct state *state, const char *stage, const char *key, json_t *result,
                struct error *error);

/* A measurement to be kept, and back; false where something is missing. */
json_t *state_pack_report(const struct measure_report *report, size_t workload_count);
bool state_unpack_report(const json_t *object, struct measure_report *report);

/* What its pairs were, beside it in the same object; NULL, from a failure to pack, stays that. */
void state_pack_pairs(json_t *object, const struct measure_pairs *pairs);
bool state_unpack_pairs(const json_t *object, struct measure_pairs *pairs);

/* The same of counts of two programs that behave the same. */
json_t *state_pack_counts(const struct count_comparison *comparison);
bool state_unpack_counts(const json_t *object, const struct measure_request *request,
                         struct count_comparison *comparison);

#endif
