/*
 * Comparing numbers, for functions that qsort() and bsearch() call.
 */
#ifndef ANALYZER_BASE_COMPARE_H
#define ANALYZER_BASE_COMPARE_H

#include <stdint.h>

/* -1, 0 or 1.  Each side is evaluated twice. */
#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* Of items that are addresses or other numbers of 64 bits themselves, or begin with one. */
static inline int compare_u64(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return COMPARE(a, b);
}

#endif
