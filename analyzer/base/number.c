#include "analyzer/base/number.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

bool number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    uint64_t number = 0;
    if (*text == '\0')
        return false;
    for (const char *at = text; *at; at++) {
        if (!is_digit(*at) || __builtin_mul_overflow(number, UINT64_C(10), &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return false;
    }
    if (number < low || number > high)
        return false;
    *value = number;
    return true;
}

/* The number that `text` begins with; *end is what follows it, or NULL where none is there. */
static double leading_decimal(const char *text, const char **end)
{
    const char *digits = *text == '-' ? text + 1 : text;
    char *rest;
    *end = NULL;
    /* strtod() takes spaces, "inf", "nan" and hexadecimal as well. */
    if (!is_digit(digits[0]) && !(digits[0] == '.' && is_digit(digits[1])))
        return 0;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return 0;
    double number = strtod(text, &rest);
    *end = rest;
    return number;
}

bool number_parse_decimal(const char *text, double low, double high, double *value)
{
    const char *end;
    double number = leading_decimal(text, &end);
    /* What is too large is infinite by now, and above any `high` that is finite. */
    if (!end || *end != '\0' || !(number >= low && number <= high))
        return false;
    *value = number;
    return true;
}

bool number_parse_duration(const char *text, double *seconds)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    const char *unit;
    double number = leading_decimal(text, &unit);
    if (!unit)
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        double duration = number * units[i].seconds;
        if (strcmp(unit, units[i].unit) != 0)
            continue;
        if (!(duration > 0 && duration <= NUMBER_LONGEST_DURATION))
            return false;
        *seconds = duration;
        return true;
    }
    return false;
}
