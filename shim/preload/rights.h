/* Calls that change the process's user, its groups or its root. */
#ifndef SHIM_PRELOAD_RIGHTS_H
#define SHIM_PRELOAD_RIGHTS_H

#include <stdbool.h>

/* Whether the system call of this number is one of them. */
bool rights_are_changed_by(long number);

/* Before such a call and after it, whatever came of it. */
void rights_begin(void);
void rights_end(void);

#endif
