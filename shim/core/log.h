/*
 * PGOSHIM_LOG: what the shim chose and why, a line each.  Silent unless asked.
 * Only for code outside signal handlers.
 */
#ifndef SHIM_CORE_LOG_H
#define SHIM_CORE_LOG_H

/* Reads PGOSHIM_LOG: unset or 0 = silent, 1 = standard error, else a file that is added to. */
void log_start(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
