/*
 * Numbers that people write in options and files: the whole text is one number in a
 * range, or it is refused.  A caller says in its message which range it wants.
 */
#ifndef ANALYZER_BASE_NUMBER_H
#define ANALYZER_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A whole number from `low` to `high`, both included, in decimal digits alone: without
 * sign, space, unit or exponent.  False leaves *value as it was.
 */
bool number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/*
 * A number from `low` to `high`, both included, such as 12, 0.5, .5, 1e-3 or, where `low`
 * is negative, -3.  Neither hexadecimal, nor infinite, nor without a digit.  False leaves
 * *value as it was.
 */
bool number_parse_decimal(const char *text, double low, double high, double *value);

/*
 * A time above zero, in seconds or with its unit: 90, 90s, 5m, 1h, 1.5h; at most
 * NUMBER_LONGEST_DURATION.  False leaves *seconds as it was.
 */
#define NUMBER_LONGEST_DURATION 1e8
bool number_parse_duration(const char *text, double *seconds);

#endif
