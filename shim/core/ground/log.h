/*
 * PGOSHIM_LOG: what the shim chose and why, a line each.  Silent unless asked.
 */
#ifndef SHIM_CORE_GROUND_LOG_H
#define SHIM_CORE_GROUND_LOG_H

#include <stdint.h>

#define LOG_VARIABLE "PGOSHIM_LOG"

/* `value`, that of the variable: NULL or 0: silent; 1 or -: standard error; else a file to append
 * to. */
void log_start(const char *value);

/* Where lines go, as log_start takes it; it stays.  "": nowhere. */
const char *log_place(void);

/* Writes a line of at most some 1,100 bytes; text.h says what the format may hold.  Signal-safe. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A text of at most 200 bytes and five numbers, in hexadecimal.  For test modes.  Signal-safe. */
void log_event(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

#endif
