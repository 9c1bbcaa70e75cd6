/*
 * Sample profiles from counts by address.  The rules are llvm-profgen's
 * (llvm/tools/llvm-profgen/ProfileGenerator.cpp), so that profiles from here and
 * from there agree.
 */
#ifndef ANALYZER_MODEL_SAMPLES_BUILD_H
#define ANALYZER_MODEL_SAMPLES_BUILD_H

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/build_by_callers.h"
#include "analyzer/model/samples/sample_profile.h"

/*
 * Of one module of a profile, in LLVM's order: by probes where the binary has
 * pseudo-probes, else by source lines.  `total` is the sum of count times bytes
 * over all code, or of the counts of probes.  ERROR_NO_DEBUG_INFO where the
 * binary has nothing of the two for the code that ran, ERROR_OTHER_BINARY where the
 * functions that most samples fell into would have no counts, ERROR_ELF_GARBLED
 * where its probes make no sense.  The caller frees with sample_profile_free, also
 * after a failure.
 */
bool sample_profile_build(struct sample_profile *samples, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct error *error);

/*
 * The same for GCC's AutoFDO: always by source lines, and with GCC's
 * discriminators, which are plain numbers and not several in one as LLVM's.
 */
bool sample_profile_build_gcc(struct sample_profile *samples, const struct profile *profile,
                              uint32_t module, const struct binary *binary, struct error *error);

/*
 * As sample_profile_build, which it is with CONTEXTS_OFF.  Needs a profile with traces by callers,
 * or that kept its hybrid samples: ERROR_NO_CALLERS where there are none, ERROR_NO_PROBES where the
 * binary has no pseudo-probes.
 */
bool sample_profile_build_contexts(struct sample_profile *samples, const struct profile *profile,
                                   uint32_t module, const struct binary *binary,
                                   const struct context_options *options, struct error *error);

#endif
