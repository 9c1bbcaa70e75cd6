/*
 * What a judgement comes to, in the same words everywhere: pgo-analyze check,
 * pgo-bolt doctor, and the checklist of pgo-bolt cycle.
 */
#ifndef ANALYZER_BASE_VERDICT_H
#define ANALYZER_BASE_VERDICT_H

#include <stdio.h>

/* The worse, the larger. */
enum verdict {
    VERDICT_OK,
    VERDICT_WEAK, /* it can be used, and somebody should look at it */
    VERDICT_FAIL, /* it should not be used */
};

/* "ok", "weak" or "fail": for text and JSON. */
const char *verdict_name(enum verdict verdict);

/* Prints the name, padded to VERDICT_WIDTH; in colour where the stream is a terminal. */
#define VERDICT_WIDTH 4
void verdict_print(FILE *stream, enum verdict verdict);

static inline enum verdict verdict_worse(enum verdict a, enum verdict b)
{
    if (a > b)
        return a;
    return b;
}

#endif
