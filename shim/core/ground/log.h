/*
 * PGOSHIM_LOG: what the shim chose and why, a line each.  Silent unless asked.
 */
#ifndef SHIM_CORE_GROUND_LOG_H
#define SHIM_CORE_GROUND_LOG_H

#include <stdint.h>

/* Reads PGOSHIM_LOG: unset or 0: silent; 1: standard error; else a file to append to.  Outside
 * handlers. */
void log_start(void);

/* Writes a line of at most some 1,100 bytes.  Outside handlers. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A text of at most 200 bytes and five numbers, in hexadecimal.  For test modes.  Signal-safe. */
void log_event(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

#endif
