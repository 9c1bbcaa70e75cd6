#include "analyzer/read/text_profile.h"

#include <elf.h>

#include "include/pgoshim/raw.h"

bool profile_add_unnamed(struct profile *profile, uint32_t *number, struct error *error)
{
    static char no_name[] = "";
    struct module module = {.path = no_name, .is_main = true};
    return profile_add_module(profile, &module, number, error);
}

bool profile_add_text_recording(struct profile *profile, const char *path, const char *program,
                                const char *what, uint64_t *counters, struct error *error)
{
    static char nothing[] = "";
    bool has_branches = counters[PGORAW_COUNT_BRANCHES] > 0;
    struct recording recording = {
        .file = (char *)path,
        .program = program ? (char *)program : nothing,
        .command_line = nothing,
        .host = nothing,
        .why = (char *)what,
        .branch_source = has_branches ? PGORAW_BRANCHES_UNKNOWN : PGORAW_BRANCHES_OFF,
        .machine = EM_NONE, /* text does not say: see profile_place */
        .counters = counters,
    };
    return profile_add_recording(profile, &recording, error);
}
