#include "bolt-bridge/tune/variants.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/write/writer.h"
#include "bolt-bridge/toolchain/relink.h"

static bool write_variant(struct tune *tune, char *const *files, size_t count, bool corrected,
                          const char *name, struct error *error)
{
    char *path = tune->profiles[tune->profile_count];
    bool wanted = true;

    if (tune->profile_count == TUNE_PROFILES)
        return true;
    struct profile *profile = relink_read_profiles(files, count, error);
    struct binary *binary = profile ? binary_open(tune->request->binary, error) : NULL;
    if (binary && corrected) {
        wanted = correction_is_known(profile);
        if (wanted)
            correction_apply(profile);
    }
    bool done =
        binary &&
        file_path(path, error, "%s/profile-%zu.fdata", tune->directory, tune->profile_count) &&
        (!wanted ||
         writer_write_file(writer_find("fdata"), profile, binary, NULL, path, true, error));
    if (done && wanted)
        tune->profile_names[tune->profile_count++] = name;
    binary_free(binary);
    profile_free(profile);
    return done;
}

bool variants_write(struct tune *tune, struct error *error)
{
    const struct tune_request *request = tune->request;
    struct error of_one;

    if (request->fdata) {
        snprintf(tune->profiles[0], PATH_MAX, "%s", request->fdata);
        tune->profile_names[tune->profile_count++] = request->fdata;
        return true;
    }
    if (!write_variant(tune, request->profiles, request->profile_count, false, "of all", error) ||
        !write_variant(tune, request->profiles, request->profile_count, true,
                       "with corrected counts", error))
        return false;
    for (size_t i = 0; request->profile_count > 1 && i < request->profile_count; i++) {
        /* One without samples of the binary does not end it: the sum has some. */
        if (!write_variant(tune, request->profiles + i, 1, false,
                           text_file_name(request->profiles[i]), &of_one) &&
            of_one.code != ERROR_NO_SAMPLES) {
            *error = of_one;
            return false;
        }
    }
    return true;
}
