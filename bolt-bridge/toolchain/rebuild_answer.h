/*
 * What all parts of the check of a build stand on: what was there before it, and the answer.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_ANSWER_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_ANSWER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "bolt-bridge/toolchain/rebuild.h"

/* What is there before the build. */
struct rebuild_before {
    bool exists;        /* the result */
    struct stat status; /* of it */
    char *settings;     /* Go: those of the recorded program, as go version -m tells; or NULL */
};

/* Says how the rebuild ended: `format` makes its reason, the remedy is static or NULL. */
void rebuild_answer(struct rebuild *rebuild, bool used, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
