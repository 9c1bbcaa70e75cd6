/*
 * What can be chosen when llvm-bolt lays out a program: for each axis a few options, of which
 * one is used.  Only options that keep what a program computes are here, and of these only
 * those are tried that the llvm-bolt at hand knows.
 */
#ifndef BOLT_BRIDGE_TUNE_CHOICES_H
#define BOLT_BRIDGE_TUNE_CHOICES_H

#include <stdbool.h>
#include <stddef.h>

#define TUNE_AXES 20   /* at most */
#define TUNE_CHOICES 5 /* of an axis, without the default */
#define TUNE_OPTIONS 2 /* of a choice */

struct tune_axis {
    const char *name;
    /* NULL ends both lists.  Pick 0 is the default, pick N is choices[N - 1]. */
    const char *choices[TUNE_CHOICES + 1][TUNE_OPTIONS + 1];
    bool needs_bound_symbols; /* all symbols are looked up at the start (-z now) */
};

/* The axes, TUNE_AXES at most; their order is that of a candidate's picks. */
extern const struct tune_axis tune_axes[];
extern const size_t tune_axis_count;

/*
 * Whether an llvm-bolt whose --help-hidden is `help` knows the option, "-name=value", and where
 * it lists values, this one.
 */
bool choice_is_known(const char *help, const char *option);

#endif
