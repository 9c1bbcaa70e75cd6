/* Times that people write: the grammar of all three programs. */
#ifndef SHIM_RECORD_DURATION_H
#define SHIM_RECORD_DURATION_H

#include <stdbool.h>

#define DURATION_LONGEST 1e8 /* seconds */

/*
 * A time above zero, up to DURATION_LONGEST, in seconds or with its unit: 90, 90s, 5m, 1h, 1.5h.
 * False leaves *seconds as it was.
 */
bool duration_parse(const char *text, double *seconds);

#endif
