/*
 * The order of functions and call targets in the files of a sample profile.
 */
#ifndef ANALYZER_MODEL_SAMPLES_SAMPLE_ORDER_H
#define ANALYZER_MODEL_SAMPLES_SAMPLE_ORDER_H

#include "analyzer/model/samples/sample_profile.h"

/* LLVM's order: functions by total and targets by count, the largest first, then by name. */
void sample_profile_sort(struct sample_profile *samples);

#endif
