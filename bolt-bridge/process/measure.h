/*
 * Measuring programs against each other: interleaved runs, the same input,
 * outputs compared, CPU time of the whole process tree.  docs/comparing.md says why, and
 * how many rounds there are.
 */
#ifndef BOLT_BRIDGE_PROCESS_MEASURE_H
#define BOLT_BRIDGE_PROCESS_MEASURE_H

#include "analyzer/base/error.h"
#include "bolt-bridge/process/measurement.h"

/*
 * Runs it all.  A difference in behaviour is a result, and ends the runs; so is
 * an exit status other than 0 that all share.  Errors: ERROR_WORKLOAD_FAILED
 * (A crashes, takes longer than the timeout, or never gets ready), those of
 * process_run and temporary_path, ERROR_MEMORY.
 */
bool measure_run(const struct measure_request *request, struct measure_report *report,
                 struct error *error);

#endif
