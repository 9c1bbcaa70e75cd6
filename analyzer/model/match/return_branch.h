/*
 * Which of a profile's branches are returns: those are not edges.
 */
#ifndef ANALYZER_MODEL_MATCH_RETURN_BRANCH_H
#define ANALYZER_MODEL_MATCH_RETURN_BRANCH_H

#include <stdbool.h>

#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/*
 * Whether the trace's branch is a return: by the instruction, or, where its
 * module is not at hand, by a call being right before where it leads.
 */
bool trace_is_return(struct binaries *binaries, const struct trace *trace);

#endif
