/* pgo-analyze merge: several raw profiles into one. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "analyzer/base/output.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/writer.h"

enum { OPTION_FORCE = 256 };

struct arguments {
    const char *output;
    bool force;
    struct inputs inputs;
    struct error error;
};

static const char documentation[] =
    "Merge raw profiles into one: the counts of each branch and call stack are added up.\v"
    "Modules are the same where their build-ids are; without one, where their paths are.\n\n"
    "Examples:\n"
    "  pgo-analyze merge -o all.pgoraw run1.pgoraw run2.pgoraw\n"
    "  pgo-analyze merge -o all.pgoraw -w 3,typical.pgoraw -w 1,rare.pgoraw\n\n" VERBS_EXIT_STATUS;

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "the merged raw profile; - is standard output", 0},
    {"weighted-input", 'w', "N,FILE", 0, "an input whose counts count N times", 0},
    {"weight", 0, NULL, OPTION_ALIAS, NULL, 0},
    {"force", OPTION_FORCE, NULL, 0, "overwrite the output file", 0},
    {"quiet", 'q', NULL, 0, "say less", 0},
    {0},
};

static void add_weighted(struct arguments *arguments, const char *value, struct argp_state *state)
{
    char *comma;
    unsigned long long weight;
    errno = 0;
    weight = strtoull(value, &comma, 10);
    if (*value < '0' || *value > '9' || *comma != ',' || comma[1] == '\0' || errno != 0 ||
        weight == 0)
        argp_error(state, "-w %s: expected N,FILE with a whole number N above 0", value);
    if (!inputs_add(&arguments->inputs, comma + 1, weight, &arguments->error))
        exit(verb_failed(&arguments->error));
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = value;
        return 0;
    case 'w':
        add_weighted(arguments, value, state);
        return 0;
    case OPTION_FORCE:
        arguments->force = true;
        return 0;
    case 'q':
        message_set_verbosity(0);
        return 0;
    case ARGP_KEY_ARG:
        return inputs_add(&arguments->inputs, value, 1, &arguments->error) ? 0 : ENOMEM;
    case ARGP_KEY_END:
        if (!arguments->output)
            argp_error(state, "no output was given: -o FILE");
        if (arguments->inputs.count == 0)
            argp_error(state, "no raw profile was given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool produce(FILE *stream, void *context, struct error *error)
{
    return writer_write(writer_find("raw"), context, NULL, stream, error);
}

static bool merge(const struct arguments *arguments, struct error *error)
{
    struct profile *profile = inputs_read(&arguments->inputs, NULL, error);
    bool done = profile && inputs_check_samples(&arguments->inputs, profile, error) &&
                output_write_file(arguments->output, arguments->force, produce, profile, error);
    profile_free(profile);
    return done;
}

int verb_merge(int argc, char **argv)
{
    static const struct argp parser = {options, parse_option, "RAW...", documentation,
                                       NULL,    NULL,         NULL};
    struct arguments arguments = {0};
    int status = EXIT_STATUS_DONE;
    if (argp_parse(&parser, argc, argv, 0, NULL, &arguments) != 0 ||
        !merge(&arguments, &arguments.error))
        status = verb_failed(&arguments.error);
    inputs_free(&arguments.inputs);
    return status;
}
