#include "bolt-bridge/cycle/relink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/model/compare/staleness.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"

/* Of the profile's counts, how many may lie where the new code does not allow them. */
#define MOVED_LITTLE 0.02

json_t *cycle_relink_pack(const struct relink_result *result)
{
    const struct bolt_outcome *outcome = &result->outcome;
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:I, s:I}", "bolt", result->bolt.path,
                     "version", result->bolt.version, "profiled",
                     (json_int_t)outcome->profiled_functions, "functions",
                     (json_int_t)outcome->all_functions, "stale",
                     (json_int_t)outcome->stale_functions, "told", outcome->branches_told, "before",
                     (json_int_t)outcome->taken_before, "after", (json_int_t)outcome->taken_after);
}

bool cycle_relink_unpack(const json_t *object, struct relink_result *result)
{
    json_int_t profiled, functions, stale, before, after;
    const char *path, *version;
    int told;

    if (json_unpack((json_t *)object, "{s:s, s:s, s:I, s:I, s:I, s:b, s:I, s:I}", "bolt", &path,
                    "version", &version, "profiled", &profiled, "functions", &functions, "stale",
                    &stale, "told", &told, "before", &before, "after", &after) != 0)
        return false;
    snprintf(result->bolt.path, sizeof(result->bolt.path), "%s", path);
    snprintf(result->bolt.version, sizeof(result->bolt.version), "%s", version);
    result->outcome = (struct bolt_outcome){.profile_told = true,
                                            .profiled_functions = (uint64_t)profiled,
                                            .all_functions = (uint64_t)functions,
                                            .stale_functions = (uint64_t)stale,
                                            .branches_told = told != 0,
                                            .taken_before = (uint64_t)before,
                                            .taken_after = (uint64_t)after};
    return true;
}

/* With what came out of BOLT on what was chosen. */
static bool convert(const struct cycle_subject *subject, const char *fdata, struct error *error)
{
    char *files[] = {(char *)subject->profile};
    struct profile *profile = relink_read_profiles(files, 1, error);
    struct binary *binary = profile ? binary_open(subject->path, error) : NULL;
    bool done = binary &&
                writer_write_file(writer_find("fdata"), profile, binary, NULL, fdata, true, error);

    binary_free(binary);
    profile_free(profile);
    return done;
}

bool cycle_code_moved(struct cycle *cycle, const struct cycle_subject *subject, bool *moved,
                      struct error *error)
{
    struct symbol_profile symbols = {0};
    struct staleness staleness = {0};

    if (!cycle_path(cycle, "plain.fdata", cycle->plain_fdata, error) ||
        !convert(&cycle->plain, cycle->plain_fdata, error))
        return false;
    struct binary *binary = binary_open(subject->path, error);
    bool done = binary && symbol_profile_read(cycle->plain_fdata, &symbols, error);
    if (done) {
        symbol_profile_sort(&symbols);
        done = staleness_of_symbols(&staleness, &symbols, binary, error);
    }
    if (done) {
        double all = (double)(staleness.counts + staleness.outside);
        double share = all > 0 ? (double)(staleness.differing + staleness.outside) / all : 1;
        *moved = share > MOVED_LITTLE;
        cycle_say(cycle, "%s: %.1f %% of the recorded branches are not in the new code: %s",
                  subject == &cycle->rebuilt ? "rebuild" : subject->label, 100 * share,
                  *moved ? "it is recorded again" : "the recording serves for BOLT as well");
    }
    staleness_free(&staleness);
    symbol_profile_free(&symbols);
    binary_free(binary);
    return done;
}

static bool make_relink_key(const struct cycle_subject *subject,
                            const struct relink_request *relink, char digest[STATE_KEY_SIZE],
                            struct error *error)
{
    struct bolt bolt;
    struct state_key key;

    if (!bolt_find(relink->bolt, &bolt, error))
        return false;
    state_key_begin(&key);
    state_key_file(&key, subject->path);
    state_key_file(&key, relink->fdata ? relink->fdata : subject->profile);
    state_key_text(&key, bolt.path);
    state_key_text(&key, bolt.version);
    return state_key_finish(&key, digest, error);
}

static void describe(const struct cycle *cycle, bool kept)
{
    const struct bolt_outcome *outcome = &cycle->relink.outcome;
    char branches[64] = "";

    if (outcome->branches_told && outcome->taken_before)
        snprintf(branches, sizeof(branches), ", taken branches %+.1f %% by the profile",
                 100 * ((double)outcome->taken_after / (double)outcome->taken_before - 1));
    cycle_say(cycle, "relink: llvm-bolt %s, %llu of %llu functions have a profile%s%s",
              cycle->relink.bolt.version, (unsigned long long)outcome->profiled_functions,
              (unsigned long long)outcome->all_functions, branches,
              kept ? " (done before, kept)" : "");
}

bool cycle_relink(struct cycle *cycle, const struct cycle_subject *subject, const char *kind,
                  char output[PATH_MAX], struct error *error)
{
    char *profiles[] = {(char *)subject->profile};
    struct relink_request request = {.binary = subject->path,
                                     .profiles = profiles,
                                     .profile_count = 1,
                                     .bolt = cycle->request->bolt,
                                     .log_directory = cycle->directory,
                                     .timeout = cycle->request->timeout};
    char key[STATE_KEY_SIZE], making[PATH_MAX];

    /* The rebuilt program was not recorded: it is near enough to the plain one. */
    if (subject != &cycle->plain && !subject->own_samples)
        request.fdata = cycle->plain_fdata;
    if (!make_relink_key(subject, &request, key, error) ||
        !cycle_program_path(cycle, kind, output, error))
        return false;
    const json_t *kept = state_done(cycle->state, kind, key);
    bool is_kept = kept && access(output, X_OK) == 0 && cycle_relink_unpack(kept, &cycle->relink);
    if (!is_kept) {
        if (!file_path(making, error, "%s.making", output) ||
            !relink_write(&request, making, &cycle->relink, error)) {
            unlink(making);
            return false;
        }
        if (!file_put_in_place(making, output, true, error) ||
            !state_keep(cycle->state, kind, key, cycle_relink_pack(&cycle->relink), error))
            return false;
    }
    message_detail("llvm-bolt's output is in %s/llvm-bolt.out and .err", cycle->directory);
    describe(cycle, is_kept);
    return true;
}
