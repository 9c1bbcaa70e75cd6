#include "tests/support/profile_text.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "analyzer/model/profile/normalise.h"
#include "analyzer/read/reader.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

struct profile *profile_text_read(const char *text, struct error *error)
{
    const char *path = temporary_path("profile.txt");
    struct profile *profile = profile_new(error);

    assert(profile);
    raw_builder_write_bytes(path, text, strlen(text));
    *error = (struct error){0};
    if (profile_read(path, profile, error) && profile_normalise(profile, error))
        return profile;
    profile_free(profile);
    return NULL;
}

uint64_t profile_text_count(const struct profile *profile, uint64_t from, uint64_t to, uint64_t end)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool is_branch = trace->from.module != PROFILE_MODULE_NONE;
        bool from_fits =
            from == PROFILE_TEXT_NONE ? !is_branch : is_branch && trace->from.address == from;
        bool end_fits =
            end == PROFILE_TEXT_NONE ? !trace->has_range : trace->has_range && trace->end == end;
        if (from_fits && end_fits && trace->to.address == to)
            return trace->count;
    }
    return 0;
}
