/*
 * pgo-analyze: reads recorded profiles, shows them and converts them.
 * This file only finds the verb.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "analyzer/verbs/verbs.h"

static const struct verb verbs[] = {
    {"report", "show where the time goes: functions, calls, branches", verb_report},
    {"convert", "convert into the formats of BOLT and other tools", verb_convert},
    {"merge", "merge several raw profiles into one", verb_merge},
    {"show", "show what is in a raw profile: modules and counters", verb_show},
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static void print_help(FILE *stream)
{
    fputs("Usage: pgo-analyze VERB [ARGUMENTS]\n"
          "Show and convert the profiles that pgo-record makes.\n\n",
          stream);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(stream, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nExamples:\n"
          "  pgo-record -o app.pgoraw -- ./app input.txt\n"
          "  pgo-analyze report app.pgoraw\n"
          "  pgo-analyze convert -b ./app -f fdata -o app.fdata app.pgoraw\n\n"
          "See pgo-analyze VERB --help for each, and pgo-analyze --version.\n"
          "Exit status: 0 done, 1 the answer is no, 2 wrong usage,\n"
          "3 a file or the system does not allow it.\n",
          stream);
}

static int refuse_verb(const char *name)
{
    const struct verb *best = &verbs[0];
    struct error error;
    for (size_t i = 1; i < VERBS; i++) {
        if (text_distance(name, verbs[i].name) < text_distance(name, best->name))
            best = &verbs[i];
    }
    if (text_distance(name, best->name) <= 2)
        error_set(&error, ERROR_USAGE, name, "it is not a verb; did you mean '%s'?", best->name);
    else
        error_set(&error, ERROR_USAGE, name, "it is not a verb");
    return verb_failed(&error);
}

int main(int argc, char **argv)
{
    static char program[64];
    message_set_program("pgo-analyze");
    argp_program_version = "pgo-analyze " PGOSHIM_VERSION;
    argp_err_exit_status = EXIT_STATUS_USAGE;
    if (argc < 2) {
        print_help(stderr);
        return EXIT_STATUS_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_STATUS_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts(argp_program_version);
        return EXIT_STATUS_DONE;
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            snprintf(program, sizeof(program), "pgo-analyze %s", verbs[i].name);
            argv[1] = program;
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    return refuse_verb(argv[1]);
}
