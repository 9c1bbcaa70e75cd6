/*
 * Sample profiles whose functions are told apart by their callers, from samples that
 * have a call stack and branches, of programs with pseudo-probes.  The rules are
 * llvm-profgen's (CSProfileGenerator in llvm/tools/llvm-profgen/ProfileGenerator.cpp and
 * SampleContextTrimmer in llvm/lib/ProfileData/SampleProf.cpp).
 */
#ifndef ANALYZER_MODEL_SAMPLES_BUILD_BY_CALLERS_H
#define ANALYZER_MODEL_SAMPLES_BUILD_BY_CALLERS_H

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/counts/virtual_unwinder.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/sample_profile.h"

enum contexts_wanted {
    CONTEXTS_OFF,
    CONTEXTS_ON,  /* of hot functions; what is cold is added up over all callers */
    CONTEXTS_ALL, /* of all functions */
};

/* "off", "on" or "all"; false for anything else. */
bool contexts_parse(const char *text, enum contexts_wanted *wanted);

struct context_options {
    enum contexts_wanted wanted;
    uint32_t depth; /* the innermost callers that are kept, at most; CONTEXT_DEPTH_ANY: all */
    bool by_lines;  /* CONTEXTS_OFF: not by pseudo-probes, also where there are some */
};

/*
 * Fills the profile in, unsorted, from a profile with traces by callers, or that kept its
 * hybrid samples.
 */
bool build_by_callers(struct sample_profile *samples, const struct source_lines *lines,
                      const struct ranges_and_branches *counts, const struct profile *profile,
                      uint32_t module, const struct binary *binary,
                      const struct context_options *options, struct error *error);

#endif
