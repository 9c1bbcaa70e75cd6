/*
 * Where a profile's counts are: said by formats that do not have them as they are, since they
 * infer others from them or have no counts at all.
 */
#ifndef ANALYZER_WRITE_ACCOUNTS_H
#define ANALYZER_WRITE_ACCOUNTS_H

#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/* Tells, with -v, how many branches and samples are in functions of the binary, and how many not.
 */
void accounts_tell_places(const struct profile *profile, uint32_t module,
                          const struct binary *binary);

#endif
