/* Options that several verbs have. */
#include <errno.h>
#include <stdlib.h>

#include "analyzer/verbs/verbs.h"

enum { OPTION_MODULE = 256 };

static const struct argp_option binary_options[] = {
    {"binary", 'b', "FILE", 0, "the binary that the counts are for", 0},
    {"module", OPTION_MODULE, "PATH", 0,
     "the module that is meant: its path as recorded, or the end of it", 0},
    {0},
};

static error_t parse_binary(int key, char *value, struct argp_state *state)
{
    struct binary_choice *choice = state->input;
    switch (key) {
    case 'b':
        choice->binary = value;
        return 0;
    case OPTION_MODULE:
        choice->module = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp binary_choice_parser = {.options = binary_options, .parser = parse_binary};

size_t option_top(const char *value, size_t least, struct argp_state *state)
{
    char *end;
    errno = 0;
    size_t number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || number < least)
        argp_error(state, "--top %s: expected a whole number%s", value,
                   least > 0 ? " above 0" : "");
    return number;
}
