#include "analyzer/verbs/choose.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/message.h"
#include "analyzer/model/counts/original_profile.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/match/rewritten.h"

/* Whether `path` ends in a slash and `name`. */
static bool ends_with(const char *path, const char *name)
{
    size_t path_size = strlen(path);
    size_t name_size = strlen(name);
    return path_size > name_size && path[path_size - name_size - 1] == '/' &&
           strcmp(path + path_size - name_size, name) == 0;
}

bool profile_find_module(const struct profile *profile, const char *name, uint32_t *module,
                         struct error *error)
{
    size_t matches = 0;
    for (size_t i = 0; i < profile->module_count; i++) {
        if (strcmp(profile->modules[i].path, name) == 0) {
            *module = (uint32_t)i;
            return true;
        }
        if (ends_with(profile->modules[i].path, name)) {
            *module = (uint32_t)i;
            matches++;
        }
    }
    if (matches == 1)
        return true;
    error_set(error, ERROR_NOT_IN_PROFILE, name,
              matches > 1 ? "%zu modules end in that, give the whole path" : NULL, matches);
    return false;
}

/* The module that is meant, where the user did not say: that of the program itself. */
static bool main_module(const struct profile *profile, uint32_t *module, struct error *error)
{
    size_t mains = 0;
    for (size_t i = 0; i < profile->module_count; i++) {
        if (profile->modules[i].is_main) {
            *module = (uint32_t)i;
            mains++;
        }
    }
    if (mains == 1)
        return true;
    error_set(error, ERROR_USAGE, "the recording",
              mains > 1 ? "%zu programs are in it, choose one with -b or --module"
                        : "the program is not among its %zu modules, give it with -b",
              mains > 1 ? mains : profile->module_count);
    return false;
}

bool verb_choose_binary(const char *module_name, const char *input, const struct profile *profile,
                        struct binary **binary, struct error *error)
{
    uint32_t wanted = PROFILE_MODULE_NONE;
    uint32_t module;
    if (module_name && !profile_find_module(profile, module_name, &wanted, error))
        return false;
    if (!*binary) {
        if (wanted == PROFILE_MODULE_NONE && !main_module(profile, &wanted, error))
            return false;
        if (module_is_unnamed(&profile->modules[wanted])) {
            error_set(error, ERROR_NO_BINARY, input, NULL);
            return false;
        }
        *binary = binary_open(profile->modules[wanted].path, error);
    }
    if (!*binary || !binary_find_module(*binary, profile, &module, error))
        return false;
    if (wanted != PROFILE_MODULE_NONE && module != wanted) {
        error_set(error, ERROR_BUILD_ID, binary_path(*binary), "it is %s in the recording, not %s",
                  profile->modules[module].path, profile->modules[wanted].path);
        return false;
    }
    return true;
}

static void tell_rewritten(const struct binary *rewritten, const struct binary *original)
{
    message_note("recorded was %s, which BOLT made of %s: by its table of addresses the profile is "
                 "of both",
                 binary_path(rewritten), binary_path(original));
}

bool verb_accept_rewritten(struct profile **profile, struct binary **binary, struct error *error)
{
    struct error of_rewritten = {0};
    uint32_t module;
    if (binary_find_module(*binary, *profile, &module, error))
        return verb_translate_rewritten(profile, *binary, error);
    struct binary *rewritten = rewritten_open(*profile, *binary, &of_rewritten);
    if (!rewritten) {
        if (*of_rewritten.detail)
            *error = of_rewritten;
        return false;
    }
    tell_rewritten(rewritten, *binary);
    binary_free(*binary);
    *binary = rewritten;
    return true;
}

static bool translate(struct profile **profile, const struct binary *rewritten,
                      const struct binary *binary, struct error *error)
{
    struct original_accounts accounts;
    struct profile *original = original_profile_of(*profile, rewritten, binary, &accounts, error);
    if (!original)
        return false;
    profile_free(*profile);
    *profile = original;
    uint64_t all = count_add(accounts.kept, accounts.lost);
    tell_rewritten(rewritten, binary);
    message_detail("%" PRIu64 " branches and runs of %s: %" PRIu64 " are in %s, %" PRIu64
                   " in code that it does not have",
                   all, binary_path(rewritten), accounts.kept, binary_path(binary), accounts.lost);
    if (original_accounts_misfit(&accounts))
        message_warning("%s has no branch where %.0f %% were recorded: all that BOLT makes of one "
                        "binary has one build-id; convert the recordings of each build alone, "
                        "while it is at its path",
                        binary_path(rewritten), 100.0 * (double)accounts.misfitting / (double)all);
    return true;
}

/* What was not translated: half of a fleet may run the original itself. */
static bool leave_out(const struct profile *profile, const struct binary *binary,
                      const struct error *of_rewritten, struct error *error)
{
    uint32_t module;
    if (binary_find_module(binary, profile, &module, error)) {
        message_warning("%s: what of it was recorded is not counted", of_rewritten->detail);
        return true;
    }
    *error = *of_rewritten;
    return false;
}

bool verb_translate_rewritten(struct profile **profile, const struct binary *binary,
                              struct error *error)
{
    struct error of_rewritten = {0};
    struct binary *rewritten = rewritten_open(*profile, binary, &of_rewritten);
    bool done = true;
    if (rewritten)
        done = translate(profile, rewritten, binary, error);
    else if (*of_rewritten.detail)
        done = leave_out(*profile, binary, &of_rewritten, error);
    binary_free(rewritten);
    return done;
}

bool verb_leave_out_rewritten(const struct profile *profile, const struct binary *binary,
                              struct error *error)
{
    struct error of_rewritten = {0};
    struct binary *rewritten = rewritten_open(profile, binary, &of_rewritten);
    if (rewritten)
        error_set(&of_rewritten, ERROR_NOT_IN_PROFILE, binary_path(binary),
                  "recorded was %s, which BOLT made of it, and callers are not translated; leave "
                  "--context out",
                  binary_path(rewritten));
    binary_free(rewritten);
    return !*of_rewritten.detail || leave_out(profile, binary, &of_rewritten, error);
}

void verb_tell_other_builds(const struct profile *profile, const struct binary *binary)
{
    struct error unused;
    uint32_t module;
    if (!binary_find_module(binary, profile, &module, &unused))
        return;
    uint64_t counts = profile_of_other_builds(profile, module);
    if (counts > 0)
        message_warning("%s: %" PRIu64 " branches and samples are of other builds at its path, and "
                        "not counted: give each build its own profile",
                        binary_path(binary), counts);
}
