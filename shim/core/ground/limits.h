/* What the process's own limits allow.  Signal-safe. */
#ifndef SHIM_CORE_GROUND_LIMITS_H
#define SHIM_CORE_GROUND_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "shim/core/ground/system_call.h"

/*
 * Whether RLIMIT_FSIZE allows a file of `size` bytes.  Who tries instead gets SIGXFSZ,
 * which ends the program.
 */
static inline bool limits_allow_file(uint64_t size)
{
    struct rlimit limit = {0};
    return system_call(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) != 0 || size <= limit.rlim_cur;
}

#endif
