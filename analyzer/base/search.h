/*
 * Searching in sorted arrays.
 */
#ifndef ANALYZER_BASE_SEARCH_H
#define ANALYZER_BASE_SEARCH_H

#include <stddef.h>

/*
 * How many items at the beginning of an array of `count` fulfil a condition, which the others
 * do not: an expression about the index that `index` names.  Of items sorted by address,
 *
 *     SEARCH_COUNT(count, i, items[i].address <= address)
 *
 * is the index of the first item behind the address, one more than that of the last item at
 * or before it, and `count` where none is behind.
 */
#define SEARCH_COUNT(count, index, condition)                                                      \
    __extension__({                                                                                \
        size_t search_low = 0;                                                                     \
        size_t search_high = (count);                                                              \
        while (search_low < search_high) {                                                         \
            size_t index = search_low + (search_high - search_low) / 2;                            \
            if (condition)                                                                         \
                search_low = index + 1;                                                            \
            else                                                                                   \
                search_high = index;                                                               \
        }                                                                                          \
        search_low;                                                                                \
    })

#endif
