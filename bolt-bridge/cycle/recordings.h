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

/* The paths of the recordings of one workload: how many, in *files, which the caller frees. */
size_t cycle_recordings(const struct cycle *cycle, const struct cycle_subject *subject,
                        size_t workload, char ***files);
void cycle_free_recordings(char **files, size_t count);

/* Removes them, so that they are not mixed with new ones. */
void recordings_remove(const struct cycle *cycle, const struct cycle_subject *subject,
                       size_t workload);

#endif
