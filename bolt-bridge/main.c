/*
 * pgo-bolt: gives recorded profiles to BOLT, and proves what it gained.
 * This file only finds the verb and tidies up behind it.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/error.h"
#include "analyzer/base/message.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/verbs/verbs.h"

static const struct verb verbs[] = {
    {"doctor", "say whether BOLT can relink a binary, and what to mend", verb_doctor},
    {"relink", "rewrite a binary with BOLT by recorded profiles", verb_relink},
    {"compare", "measure two binaries against each other", verb_compare},
    {"cycle", "record, relink and compare in one go", verb_cycle},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(*verbs))

static void print_help(FILE *stream)
{
    fputs("Usage: pgo-bolt VERB [ARGUMENTS]\n"
          "Give recorded profiles to BOLT, and prove what it gained.\n\n",
          stream);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(stream, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nExamples:\n"
          "  pgo-bolt doctor ./app\n"
          "  pgo-bolt cycle ./app -- --typical input.dat\n\n"
          "See pgo-bolt VERB --help for each, and pgo-bolt --version.\n"
          "Exit status: 0 done, 1 the answer is no, 2 wrong usage,\n"
          "3 a file, tool or system does not allow it.\n",
          stream);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* How many letters to insert, remove or replace: Levenshtein's distance of two short words. */
static size_t distance(const char *left, const char *right)
{
    size_t row[32], columns = strlen(right);

    if (columns >= sizeof(row) / sizeof(*row))
        return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; left[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t above = row[j];
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (left[i - 1] != right[j - 1]));
            diagonal = above;
        }
    }
    return row[columns];
}

static int refuse_verb(const char *name)
{
    size_t best = 0;

    for (size_t i = 1; i < VERB_COUNT; i++)
        if (distance(name, verbs[i].name) < distance(name, verbs[best].name))
            best = i;
    fprintf(stderr, "pgo-bolt: '%s' is not a verb", name);
    if (distance(name, verbs[best].name) <= 2)
        fprintf(stderr, "; did you mean '%s'?", verbs[best].name);
    fputs("\n  remedy: see pgo-bolt --help\n", stderr);
    return EXIT_STATUS_USAGE;
}

static void show_progress(const char *label, uint64_t seconds)
{
    message_progress(label, seconds, 0);
}

int main(int argc, char **argv)
{
    static char name[32];

    message_set_program("pgo-bolt");
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
        puts("pgo-bolt " PGOSHIM_VERSION);
        return EXIT_STATUS_DONE;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            process_catch_interrupts();
            process_show_progress(show_progress);
            atexit(temporary_clean);
            snprintf(name, sizeof(name), "pgo-bolt %s", verbs[i].name);
            argv[1] = name;
            int status = verbs[i].run(argc - 1, argv + 1);
            message_progress_end();
            if (fflush(stdout) != 0 || ferror(stdout)) {
                struct error error;
                error_set_errno(&error, ERROR_WRITE, "standard output");
                message_error(&error);
                status = EXIT_STATUS_ENVIRONMENT;
            }
            return status;
        }
    }
    return refuse_verb(argv[1]);
}
