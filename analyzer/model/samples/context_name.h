/*
 * Names of functions with their callers before them, "[main:3 @ f:1.2 @ g]", taken apart
 * and put in order.
 */
#ifndef ANALYZER_MODEL_SAMPLES_CONTEXT_NAME_H
#define ANALYZER_MODEL_SAMPLES_CONTEXT_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/model/samples/sample_profile.h"

/* A function of the chain, and where in it the next one was called (0, 0 for the last). */
struct context_frame {
    const char *name; /* size bytes, without a NUL */
    size_t size;
    struct sample_place place;
};

/*
 * The next function of the chain; *rest begins as the whole name and is NULL
 * after the last.  A name without callers is its only one.
 */
struct context_frame context_name_next(const char **rest);

/* The function itself, the last of the chain. */
struct context_frame context_name_last(const char *name);

/* LLVM's order: chains by function and place of each, other names by their bytes. */
int context_name_compare(const char *a, const char *b);

#endif
