/*
 * What pgo-record says, and the exit statuses of its own; otherwise the program's is passed on.
 */
#ifndef SHIM_RECORD_SAY_H
#define SHIM_RECORD_SAY_H

#define RECORD_STATUS_USAGE 2
#define RECORD_STATUS_ENVIRONMENT 3

/*
 * "pgo-record: …" and a newline, on standard error.  A message names the thing, the system's reason
 * where there is one, and on a second line ("\n  remedy: …") the way out.
 */
void record_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
