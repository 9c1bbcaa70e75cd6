/*
 * Whether a profile is good enough for the binary that is built with it, asked of the
 * library (analyzer/model/compare/quality.h) and put among the findings.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_PROFILE_QUALITY_H
#define BOLT_BRIDGE_TOOLCHAIN_PROFILE_QUALITY_H

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"
#include "bolt-bridge/toolchain/findings.h"

/*
 * Adds what is `least` or worse, with its remedy, and returns the verdict on the whole in
 * *verdict.  `path` names the profile in errors.  Errors: those of quality_judge.
 */
bool profile_quality(struct findings *findings, enum verdict least, const struct profile *profile,
                     const struct binary *binary, const char *path, enum verdict *verdict,
                     struct error *error);

/*
 * Whether the profile may be used.  What a check fails becomes ERROR_POOR_PROFILE with the
 * first reason and its remedy; or, where `accepts_poor`, findings.  What cannot be judged
 * may be used.
 */
bool profile_quality_allows(struct findings *findings, bool accepts_poor,
                            const struct profile *profile, const struct binary *binary,
                            const char *path, struct error *error);

/* Adds a finding where a recording was read twice, so that its counts count twice. */
void profile_find_repeats(struct findings *findings, const struct profile *profile);

#endif
