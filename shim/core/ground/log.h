/*
 * PGOSHIM_LOG: what the shim chose and why, a line each.  Silent unless asked.
 * log_line is only for code outside signal handlers.
 */
#ifndef SHIM_CORE_GROUND_LOG_H
#define SHIM_CORE_GROUND_LOG_H

#include <stdint.h>

/* Reads PGOSHIM_LOG: unset or 0 = silent, 1 = standard error, else a file that is added to. */
void log_start(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A word and five numbers, in hexadecimal.  Signal-safe: for test modes. */
void log_event(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

#endif
