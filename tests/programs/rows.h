/*
 * PROGRAM ROW [MILLISECONDS]: a program of rows, each a situation in which it works, whose effects
 * it checks, and of which it says "ROW: good".  Without a row it lists them.  Run them sampled hard
 * and without (tests/support/rows.sh).
 */
#ifndef TESTS_PROGRAMS_ROWS_H
#define TESTS_PROGRAMS_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_WATCHDOG_SECONDS 600

/* Of CPU time, for which a row works in its situation. */
static int row_milliseconds = 60;

/* In the function of a row: what must hold. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("line %d: %s does not hold\n", __LINE__, #condition);                           \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

struct row {
    const char *name;
    int (*run)(void); /* 0: all of it held */
};

/* The exit status of `main`: 2 for a row that there is not. */
static inline int rows_run(int argc, char **argv, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status;
        if (argc < 2) {
            puts(rows[i].name);
            continue;
        }
        if (strcmp(argv[1], rows[i].name) != 0)
            continue;
        if (argc > 2)
            row_milliseconds = atoi(argv[2]);
        alarm(ROWS_WATCHDOG_SECONDS);
        status = rows[i].run();
        printf("%s: %s\n", argv[1], status ? "BAD" : "good");
        return status;
    }
    return argc < 2 ? 0 : 2;
}

#endif
