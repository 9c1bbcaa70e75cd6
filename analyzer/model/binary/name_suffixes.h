/*
 * What compilers, linkers and BOLT add to the names of functions that they copy or take
 * apart.
 */
#ifndef ANALYZER_MODEL_BINARY_NAME_SUFFIXES_H
#define ANALYZER_MODEL_BINARY_NAME_SUFFIXES_H

#include <stddef.h>

/*
 * Sizes of what is left of the first `size` bytes of a name: without what
 * link-time optimisation and partial inlining add, which keeps an entry an
 * entry; and without all that any tool adds.
 */
size_t name_size_of_entry(const char *name, size_t size);
/*
 * The same, without what clang 21 and later add to the linkage names of a coroutine's parts:
 * the compiler looks for the coroutine, which it takes apart after it read the profile.
 */
size_t name_size_of_coroutine(const char *name, size_t size);
size_t name_size_of_function(const char *name, size_t size);

#endif
