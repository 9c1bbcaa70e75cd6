/*
 * Profiles by symbol from profiles by address.
 */
#ifndef ANALYZER_MODEL_SYMBOLS_SYMBOL_BUILD_H
#define ANALYZER_MODEL_SYMBOLS_SYMBOL_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/inference.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

/*
 * What a normalised profile by address says of one module.  `binary` and
 * `binaries` as for edges_build.  Where no branches are used, it is samples, or
 * what `infer` makes of them.
 */
bool symbol_profile_build(struct symbol_profile *symbols, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct binaries *binaries,
                          enum inference_wanted infer, struct error *error);

#endif
