/*
 * A plug-in that is laid out like every other of this header: the same functions at the same
 * places, of which each plug-in is asked for another.  What is counted in the other comes from
 * another plug-in, which was there before.
 */
#ifndef TESTS_PROGRAMS_PLUGINS_TURNS_H
#define TESTS_PROGRAMS_PLUGINS_TURNS_H

#include "tests/programs/work.h"

/* The name makes its build-id another. */
#define TURNS_PLUGIN(name)                                                                         \
    extern const char turns_name[];                                                                \
    const char turns_name[] = name;                                                                \
    WORK_FUNCTION(turns_front)                                                                     \
    WORK_FUNCTION(turns_back)

#endif
