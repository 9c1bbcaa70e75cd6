/*
 * The release checklist: what a careful person looks at before a new binary is
 * shipped, one verdict a line.  VERDICT_FAIL refuses the binary; VERDICT_WEAK is to be
 * looked at, and refuses it with --strict.
 */
#ifndef BOLT_BRIDGE_CYCLE_CHECKLIST_H
#define BOLT_BRIDGE_CYCLE_CHECKLIST_H

#include <jansson.h>

#include "analyzer/base/verdict.h"
#include "bolt-bridge/cycle/cycle.h"

#define CHECKLIST_ITEMS 10

struct checklist_item {
    const char *name;
    enum verdict verdict;
    char text[768];
    const char *reason; /* "it is slower": why the binary is refused, where it is */
};

struct checklist {
    struct checklist_item items[CHECKLIST_ITEMS];
    size_t count;
};

/* Judges what the stages have left.  With request->profile_only: the profile alone. */
void checklist_make(struct checklist *checklist, const struct cycle *cycle);

/* The reason of the first failure, with --strict also of the first weakness; NULL: none. */
const char *checklist_failure(const struct checklist *checklist, bool strict);

void checklist_print(const struct checklist *checklist);
json_t *checklist_json(const struct checklist *checklist);

#endif
