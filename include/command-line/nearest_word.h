/*
 * Which word was meant by one that is not known: one that differs from it by few letters.
 */
#ifndef COMMAND_LINE_NEAREST_WORD_H
#define COMMAND_LINE_NEAREST_WORD_H

#include <stddef.h>

/*
 * How many letters to insert, remove or replace to make one word of the other; SIZE_MAX for words
 * too long to be mistyped.  Up to WORD_MISTYPED the one may be meant by the other.
 */
#define WORD_MISTYPED 2
size_t word_distance(const char *left, const char *right);

/* The first of the nearest; NULL: none is like it.  The NULL at the end of `names` ends them. */
const char *nearest_word(const char *word, const char *const *names);

#endif
