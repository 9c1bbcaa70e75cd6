#include "bolt-bridge/toolchain/rebuild_names.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/samples/match_with_build.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/llvm.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/rebuild_profile.h"
#include "bolt-bridge/toolchain/renaming.h"

/* A second build is worth it from this share of the counts on. */
#define RENAMED_LEAST 0.01

static bool is_worth_it(const struct rebuild *rebuild)
{
    const struct rebuild_use *use = &rebuild->use;
    return rebuild->use_told && !*use->lost_flag &&
           (rebuild->toolchain == TOOLCHAIN_CLANG || rebuild->toolchain == TOOLCHAIN_RUSTC) &&
           (double)use->shares[USE_RENAMED].counts > RENAMED_LEAST * (double)use->counts;
}

static bool produce(FILE *stream, void *context, struct error *error)
{
    return sample_profile_write_ext(context, stream, error);
}

/* In the flags, in place of the one that the build had. */
static void replace_profile(struct compiler_flags *flags, const char *before, const char *now)
{
    for (size_t i = 0; i < flags->count; i++) {
        char *word = flags->words[i];
        size_t size = strlen(word), tail = strlen(before);
        if (size >= tail && strcmp(word + size - tail, before) == 0)
            snprintf(word + size - tail, sizeof(flags->words[i]) - (size - tail), "%s", now);
    }
}

static bool write_profile(struct rebuild *rebuild, struct sample_profile *samples,
                          struct error *error)
{
    char written[PATH_MAX], before[sizeof(rebuild->profile)];
    memcpy(before, rebuild->profile, sizeof(before));
    if (!temporary_path("renamed", written, error) ||
        !output_write_file(written, true, produce, samples, error) ||
        !rebuild_name_profile(rebuild, "prof", written, error))
        return false;
    replace_profile(&rebuild->use_flags, before, rebuild->profile);
    return true;
}

bool rebuild_take_names(struct rebuild *rebuild, bool *taken, struct error *error)
{
    struct sample_profile samples = {0};
    struct names made = {0};
    size_t renamed = 0;
    *taken = false;
    if (!is_worth_it(rebuild))
        return true;
    struct binary *binary = binary_open(rebuild->result, error);
    bool done = binary && sample_profile_read(rebuild->profile, &samples, error) &&
                sample_names_in_build(&made, binary, samples.by_probes, error) &&
                renaming_apply(&samples, &made, &renamed, error);
    *taken = done && renamed > 0;
    if (*taken)
        done = write_profile(rebuild, &samples, error);
    names_free(&made);
    sample_profile_free(&samples);
    binary_free(binary);
    return done;
}
