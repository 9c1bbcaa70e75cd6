/* The stage that runs the project's own build with the profile. */
#include <errno.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "bolt-bridge/cycle/choose.h"
#include "bolt-bridge/cycle/relink.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"
#include "bolt-bridge/toolchain/rebuild.h"

static bool make_build_key(const struct cycle *cycle, char digest[STATE_KEY_SIZE],
                           struct error *error)
{
    struct state_key key;

    state_key_begin(&key);
    state_key_text(&key, cycle->request->build_command);
    state_key_text(&key, cycle->request->build_result);
    state_key_number(&key, cycle->request->build_kind);
    state_key_number(&key, cycle->request->build_chooses);
    /* By the counts of a choice BOLT is a part of it. */
    if (cycle->request->build_chooses) {
        state_key_number(&key, cycle->request->without_bolt);
        state_key_text(&key, cycle->request->bolt);
    }
    state_key_file(&key, cycle->plain.path);
    state_key_file(&key, cycle->plain.profile);
    return state_key_finish(&key, digest, error);
}

static bool build_once(const struct cycle *cycle, const struct rebuild_request *request,
                       struct error *error)
{
    struct rebuild rebuild = {0};
    bool done = rebuild_prepare(&rebuild, request, error) && rebuild_run(&rebuild, error);
    if (done && (!rebuild.built || !rebuild.used)) {
        error_set(error, ERROR_TOOL_FAILED, cycle->request->build_command, "%s%s%s", rebuild.reason,
                  rebuild.remedy ? "; " : "", rebuild.remedy ? rebuild.remedy : "");
        done = false;
    }
    if (done)
        cycle_say(cycle, "rebuild: %s", rebuild.reason);
    rebuild_free(&rebuild);
    return done;
}

static bool build(struct cycle *cycle, struct error *error)
{
    char directory[PATH_MAX];
    char *command[] = {"/bin/sh", "-c", (char *)cycle->request->build_command, NULL};
    char *profiles[] = {cycle->plain.profile};
    const char *result =
        cycle->request->build_result ? cycle->request->build_result : cycle->request->binary;
    struct rebuild_request request = {.profiles = profiles,
                                      .profile_count = 1,
                                      .binary = cycle->plain.path,
                                      .result = result,
                                      .directory = directory,
                                      .kind = cycle->request->build_kind,
                                      .command = command,
                                      .accepts_poor = true, /* the checklist judges it */
                                      .output_to_error = true};

    if (!cycle_path(cycle, "rebuild", directory, error))
        return false;
    return (cycle->request->build_chooses ? cycle_choose(cycle, &request, error)
                                          : build_once(cycle, &request, error)) &&
           file_copy(result, cycle->rebuilt.path, true, error);
}

static json_t *pack_rebuilt(const struct cycle *cycle)
{
    json_t *root = json_object();
    if (cycle->has_relinked)
        json_object_set_new(root, "relinked", cycle_relink_pack(&cycle->relink));
    return root;
}

static bool unpack_rebuilt(const json_t *root, struct cycle *cycle)
{
    const json_t *relinked = json_object_get(root, "relinked");
    if (access(cycle->rebuilt.path, X_OK) != 0)
        return false;
    if (!relinked)
        return true;
    cycle->has_relinked =
        access(cycle->relinked, X_OK) == 0 && cycle_relink_unpack(relinked, &cycle->relink);
    return cycle->has_relinked;
}

bool cycle_rebuild(struct cycle *cycle, struct error *error)
{
    char key[STATE_KEY_SIZE];

    cycle->rebuilt.label = "rebuilt";
    if (!make_build_key(cycle, key, error) ||
        !cycle_program_path(cycle, "rebuilt", cycle->rebuilt.path, error) ||
        !cycle_program_path(cycle, "relinked", cycle->relinked, error))
        return false;
    const json_t *kept = state_done(cycle->state, "rebuild", key);
    if (kept && unpack_rebuilt(kept, cycle))
        cycle_say(cycle, "rebuild: done before, kept");
    else if (!build(cycle, error) ||
             !state_keep(cycle->state, "rebuild", key, pack_rebuilt(cycle), error))
        return false;
    cycle->has_rebuilt = true;
    cycle->candidate = cycle->has_relinked ? cycle->relinked : cycle->rebuilt.path;
    return true;
}
