/*
 * Texts for messages and names, made without libc: the recorder starts in a signal handler, where
 * printf must not be met.  Signal-safe.
 */
#ifndef SHIM_CORE_GROUND_TEXT_H
#define SHIM_CORE_GROUND_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * As snprintf, for these: %s, %.*s, %d, %u, %x, with l or ll before the last three, %%, and a width
 * that begins with 0.  Returns the length that the whole text has; `to` (`size` bytes, not 0) holds
 * as much of it as fits, and a NUL.
 */
size_t text_print(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t text_print_list(char *to, size_t size, const char *format, va_list list);

/* What strerror says of an errno value in the C locale; of rare ones "error" and the number. */
const char *text_of_error(int number);

/* The decimal number that the text begins with; `end` gets what follows. */
unsigned long text_number(const char *text, const char **end);

#endif
