/*
 * Sums and products of counts.  They stop at the ends of their type: a count that is too
 * large to be told is still the largest.
 */
#ifndef ANALYZER_BASE_COUNT_H
#define ANALYZER_BASE_COUNT_H

#include <stdint.h>

static inline uint64_t count_add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t count_multiply(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static inline int64_t count_add_signed(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

static inline int64_t count_multiply_signed(int64_t a, uint64_t weight)
{
    int64_t product;
    if (__builtin_mul_overflow(a, weight, &product))
        return a > 0 ? INT64_MAX : INT64_MIN;
    return product;
}

#endif
