/*
 * A directory of its own for each test program, gone when it ends.
 */
#ifndef TESTS_SUPPORT_TEMPORARY_H
#define TESTS_SUPPORT_TEMPORARY_H

/*
 * The path of a file called `name` in the test's temporary directory.  Stays
 * valid for the next fifteen calls.
 */
const char *temporary_path(const char *name);

#endif
