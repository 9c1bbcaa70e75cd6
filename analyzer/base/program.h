/*
 * A program with verbs (pgo-analyze report, pgo-bolt relink): finds the verb,
 * answers --help and --version, and suggests a verb for one that is mistyped.
 */
#ifndef ANALYZER_BASE_PROGRAM_H
#define ANALYZER_BASE_PROGRAM_H

#include <stddef.h>

struct verb {
    const char *name;
    const char *summary; /* one line for --help */
    /* argv[0] is "PROGRAM VERB", for messages; returns an exit status. */
    int (*run)(int argc, char **argv);
};

struct program {
    const char *name;
    const char *purpose;  /* a sentence */
    const char *examples; /* lines for --help */
    const struct verb *verbs;
    size_t verb_count;
    void (*prepare)(void); /* called before a verb runs; may be NULL */
};

/*
 * Runs the verb that argv[1] names and returns the program's exit status.
 * Output that could not be written is ERROR_WRITE, whatever the verb said.
 */
int program_run(const struct program *program, int argc, char **argv);

#endif
