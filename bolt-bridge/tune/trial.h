/*
 * Making a candidate's layout, and counting it.  What is known from an earlier search in the
 * same directory, by digests of all that it depends on, is neither made nor counted again.
 */
#ifndef BOLT_BRIDGE_TUNE_TRIAL_H
#define BOLT_BRIDGE_TUNE_TRIAL_H

#include "bolt-bridge/tune/tune.h"

/* The workload of that index, and whether it is held out. */
const struct workload *tune_workload(const struct tune *tune, size_t index);

/* Counts the plain program on every workload, and chooses the screening one. */
bool trial_count_plain(struct tune *tune, struct error *error);

/*
 * Adds a trial and makes its layout.  NULL where there is no room, or the candidate is there
 * already, with error->code ERROR_NONE; NULL with an error that ends the search otherwise.
 */
struct layout_trial *trial_make(struct tune *tune, const struct candidate *candidate,
                                struct error *error);

/*
 * Counts it on one workload, if that is not known yet.  Where it does not do the same as the plain
 * program its state says so.
 */
bool trial_count(struct tune *tune, struct layout_trial *trial, size_t workload,
                 struct error *error);

/* The model's cycles to the default's: weighted over the workloads from `first` on. */
double trial_ratio(const struct tune *tune, const struct layout_trial *trial, size_t first,
                   size_t count, struct count_judgement *judgement);

#endif
