/*
 * PGOSHIM_NOTES: a file in which pgo-record reads, in the end, why processes were not recorded:
 * a line each of process number, program and reason, with tabs between.  It stays small: what
 * comes when it is full is not noted.
 */
#ifndef SHIM_CORE_GROUND_NOTES_H
#define SHIM_CORE_GROUND_NOTES_H

#define NOTES_VARIABLE "PGOSHIM_NOTES"

/* `value`: that of the variable; NULL: there is none. */
void notes_start(const char *value);

/* Where notes go, as notes_start takes it; it stays.  "": nowhere. */
const char *notes_place(void);

/*
 * Adds a line on `program`; NULL: this process's.  Nothing where no notes are wanted, or
 * the file cannot be reached.  Signal-safe, and fit for a child that shares memory (vfork).
 */
void notes_add(const char *program, const char *reason);

#endif
