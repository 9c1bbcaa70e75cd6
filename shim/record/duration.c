#include "shim/record/duration.h"

#include <stdlib.h>
#include <string.h>

/* Seconds of a unit; 0: there is no such unit. */
static double unit_seconds(const char *unit)
{
    if (*unit == '\0' || strcmp(unit, "s") == 0)
        return 1;
    if (strcmp(unit, "m") == 0)
        return 60;
    return strcmp(unit, "h") == 0 ? 3600 : 0;
}

bool duration_parse(const char *text, double *seconds)
{
    /* Plain digits alone: strtod takes spaces, signs, exponents, "inf" and hexadecimal as well. */
    size_t digits = strspn(text, "0123456789."), length;
    char *end;
    double number = strtod(text, &end);

    length = (size_t)(end - text);
    if (digits == 0 || length != digits)
        return false;
    number *= unit_seconds(end);
    if (!(number > 0 && number <= DURATION_LONGEST))
        return false;
    *seconds = number;
    return true;
}
