/*
 * What the readers of text by address have in common: text names no binary and says
 * nothing about the recording.
 */
#ifndef ANALYZER_READ_TEXT_PROFILE_H
#define ANALYZER_READ_TEXT_PROFILE_H

#include "analyzer/model/profile/profile.h"

/* Adds the module without a name (see module_is_unnamed) and says its number. */
bool profile_add_unnamed(struct profile *profile, uint32_t *number, struct error *error);

/*
 * Adds what little is known of how such a file was made: the path of the program
 * (NULL: not known) and what the file is; `counters` as in struct recording.
 */
bool profile_add_text_recording(struct profile *profile, const char *path, const char *program,
                                const char *what, uint64_t *counters, struct error *error);

#endif
