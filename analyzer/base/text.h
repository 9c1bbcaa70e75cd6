/*
 * Text from files that are not trusted, made fit for a terminal or a format.
 */
#ifndef ANALYZER_BASE_TEXT_H
#define ANALYZER_BASE_TEXT_H

#include <stdint.h>
#include <stdio.h>

/*
 * Writes `text` with everything that a terminal would act upon (control
 * characters, broken UTF-8) replaced by '?'.
 */
void text_print(FILE *stream, const char *text);

/* The same into `copy`, in place of printing it.  At most `size` bytes with the NUL. */
char *text_printable(const char *text, char *copy, size_t size);

/* "12,345,678", for people; returns `text`. */
char *text_count(uint64_t count, char text[32]);

/* Ends `text` before the first of the characters of `ends`, where it has one. */
void text_end_before(char *text, const char *ends);

/* The part of a path after its last slash. */
const char *text_file_name(const char *path);

#endif
