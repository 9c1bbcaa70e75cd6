/*
 * The raw profiles of a cycle: files in its working directory, some for each workload.
 */
#ifndef BOLT_BRIDGE_CYCLE_RECORDINGS_H
#define BOLT_BRIDGE_CYCLE_RECORDINGS_H

#include "bolt-bridge/cycle/cycle.h"

/* Fills `prefix` with what the names of one workload's files begin with: "recording-plain-NAME+".
 */
void recordings_prefix(const struct cycle *cycle, const struct cycle_subject *subject,
                       size_t workload, char *prefix, size_t size);

/* The paths of their files, sorted. */
struct recordings {
    char **paths;
    size_t count, capacity;
};

/*
 * Lists the recordings of one workload.  The caller frees the list, also after a failure.
 * ERROR_READ where the directory cannot be read, ERROR_MEMORY.
 */
bool recordings_list(const struct cycle *cycle, const struct cycle_subject *subject,
                     size_t workload, struct recordings *recordings, struct error *error);
void recordings_free(struct recordings *recordings);

/* Removes the recordings of one workload, so that new ones do not mix with them.  ERROR_WRITE. */
bool recordings_remove(const struct cycle *cycle, const struct cycle_subject *subject,
                       size_t workload, struct error *error);

#endif
