/*
 * The tables' part in opening the store and in fork; what the handler adds to
 * them is declared in store.h.  Only store.c calls these.
 */
#ifndef SHIM_CORE_STORE_TABLES_H
#define SHIM_CORE_STORE_TABLES_H

#include "shim/core/store/store.h"

/* Takes up the tables of the mapped file, adding the first chunks where it is new. */
bool tables_open(void);

/* In a forked child: what other threads of the parent were doing to the tables is not done here. */
void tables_after_fork(void);

#endif
