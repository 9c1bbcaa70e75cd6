/*
 * The stages of a cycle, in the order in which run.c calls them.
 *
 * Every stage prints what it did, unless request->quiet, and fills in its part of
 * struct cycle.  It is skipped, and says so, where the working directory already has
 * its result (state.h).
 */
#ifndef BOLT_BRIDGE_CYCLE_STAGES_H
#define BOLT_BRIDGE_CYCLE_STAGES_H

#include "bolt-bridge/cycle/cycle.h"

/* Runs the program plain and recorded, in turn.  ERROR_WORKLOAD_FAILED, and those of measure_run.
 */
bool cycle_record(struct cycle *cycle, struct cycle_subject *subject, struct error *error);

/* Adds up the recordings by weight; archives the sum and checks it.  ERROR_NO_SAMPLES. */
bool cycle_merge(struct cycle *cycle, struct cycle_subject *subject, struct error *error);

/*
 * Runs the project's own build with the plain program's profile.  ERROR_TOOL_FAILED where
 * it fails or does not use the profile; those of rebuild_prepare and rebuild_run.
 */
bool cycle_rebuild(struct cycle *cycle, struct error *error);

/* Whether the plain program's profile is of little use for a program that was rebuilt. */
bool cycle_code_moved(struct cycle *cycle, const struct cycle_subject *subject, bool *moved,
                      struct error *error);

/*
 * Runs llvm-bolt on the subject with its own profile, or with the plain program's where
 * the subject was not recorded.  What it makes lies in the directory `kind`; that is the name of
 * the stage, too.  Sets cycle->relink.  Errors: those of relink_write.
 */
bool cycle_relink(struct cycle *cycle, const struct cycle_subject *subject, const char *kind,
                  char output[PATH_MAX], struct error *error);

/* Runs the project's own tests with the candidate. */
bool cycle_test(struct cycle *cycle, struct error *error);

/* Measures all that was made against the plain program. */
bool cycle_compare(struct cycle *cycle, struct error *error);

/*
 * Where these times cannot tell the candidate from the plain program: counts both.  What
 * cannot be counted is said, and fails nothing.
 */
bool cycle_count(struct cycle *cycle, struct error *error);

#endif
