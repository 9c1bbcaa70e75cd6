/*
 * Commands of other tools, for tests that compare with them.
 */
#ifndef TESTS_SUPPORT_SHELL_H
#define TESTS_SUPPORT_SHELL_H

/* Runs the command by /bin/sh; its exit status, or -1 where it ended otherwise. */
int shell_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
