/* What the application closes, told to the core before it happens. */
#ifndef SHIM_PRELOAD_DESCRIPTORS_H
#define SHIM_PRELOAD_DESCRIPTORS_H

/* Before the application closes a number, or puts a descriptor of its own there. */
void descriptor_closes(int number);
void descriptor_is_taken(int number);

/* After a close, which said `result` and errno: who closes a number that is not open goes on with
 * the next. */
void descriptor_close_end(int number, int result);

/* Before it closes what it does not know. */
void descriptors_close_in_bulk(void);

/* Before a system call that it makes by its number; `value`: its arguments. */
void descriptor_call_watch(long number, const long *value);

#endif
