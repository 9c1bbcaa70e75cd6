/*
 * Where in the source code addresses are, for people: a file and a line, of the innermost
 * function that was inlined there.  What is wanted is said before it is asked for, so that
 * debug information is opened once and read as far as it is needed.
 */
#ifndef ANALYZER_MODEL_VIEW_SOURCE_PLACES_H
#define ANALYZER_MODEL_VIEW_SOURCE_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

struct source_places;

/* A line of a source; `file` NULL: not known. */
struct source_place {
    const char *file;      /* its path as the compiler had it; lives as long as the places do */
    const char *directory; /* where it was compiled, for a path that is relative; may be NULL */
    uint32_t line;
};

/* None wanted yet, or NULL with ERROR_MEMORY.  Both must outlive them; free takes NULL. */
struct source_places *source_places_new(const struct profile *profile, struct binaries *binaries,
                                        struct error *error);
void source_places_free(struct source_places *places);

/* Code of a module, [start, end), will be asked for. */
bool source_places_want(struct source_places *places, uint32_t module, uint64_t start, uint64_t end,
                        struct error *error);

/* The place of an address that was wanted; without a file where debug information does not tell. */
struct source_place source_places_at(struct source_places *places, struct location location);

/* "file.c:12", without directories; empty where it is not known.  Returns `text`. */
char *source_place_text(struct source_place place, char *text, size_t size);

#endif
