/*
 * What was found about a binary or a machine, each with what mends it: the lines
 * of `doctor`, and what `rebuild` calls out.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_FINDINGS_H
#define BOLT_BRIDGE_TOOLCHAIN_FINDINGS_H

#include <stddef.h>

#include "analyzer/base/verdict.h"

struct finding {
    const char *subject; /* static, a word or two */
    enum verdict verdict;
    char text[512];
    char remedy[512]; /* names the line to change; empty where there is nothing to mend */
};

#define FINDINGS_MAX 32

/* Begins as {0}. */
struct findings {
    struct finding items[FINDINGS_MAX];
    size_t count;
};

/* Adds one; `remedy` is copied and may be NULL.  More than FINDINGS_MAX are dropped. */
void findings_add(struct findings *findings, const char *subject, enum verdict verdict,
                  const char *remedy, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
