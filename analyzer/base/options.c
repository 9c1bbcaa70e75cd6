#include "analyzer/base/options.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/base/message.h"
#include "analyzer/base/number.h"
#include "analyzer/base/text.h"
#include "command-line/nearest_word.h"

uint64_t option_number(const char *value, const char *option, uint64_t low, uint64_t high,
                       struct argp_state *state)
{
    uint64_t number = low;
    if (number_parse(value, low, high, &number))
        return number;
    if (high == UINT64_MAX)
        argp_error(state, "%s: '%s' is not a whole number from %" PRIu64 " on", option, value, low);
    else
        argp_error(state, "%s: '%s' is not a number from %" PRIu64 " to %" PRIu64, option, value,
                   low, high);
    return low;
}

double option_percent(const char *value, const char *option, double low, double high,
                      struct argp_state *state)
{
    double number = low;
    if (!number_parse_decimal(value, low, high, &number))
        argp_error(state, "%s: '%s' is not a number of percent from %g to %g", option, value, low,
                   high);
    return number;
}

double option_duration(const char *value, const char *option, struct argp_state *state)
{
    double seconds = 0;
    if (!number_parse_duration(value, &seconds))
        argp_error(state, "%s: '%s' is not a time like 90, 90s, 5m or 1h", option, value);
    return seconds;
}

bool option_verbosity(int key)
{
    if (key != 'q' && key != 'v')
        return false;
    message_set_verbosity(key == 'q' ? 0 : 2);
    return true;
}

void option_deprecated(const struct argp_state *state, const char *old, const char *instead)
{
    fprintf(stderr, "%s: %s is deprecated: write %s\n", state->name, old, instead);
}

char *option_unknown(char *text, size_t size, const char *kind, const char *word,
                     const char *const *names)
{
    char printable[128];
    const char *meant = nearest_word(word, names);

    text_printable(word, printable, sizeof(printable));
    if (meant)
        snprintf(text, size, "unknown %s '%s'; did you mean '%s'?", kind, printable, meant);
    else
        snprintf(text, size, "unknown %s '%s'", kind, printable);
    return text;
}
