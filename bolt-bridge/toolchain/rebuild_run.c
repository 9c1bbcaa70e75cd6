/* The second half of a rebuild: runs the build (see rebuild.h). */
#include "bolt-bridge/toolchain/rebuild.h"

#include <stdio.h>

#include "bolt-bridge/process/run.h"
#include "bolt-bridge/toolchain/rebuild_check.h"
#include "bolt-bridge/toolchain/rebuild_counters.h"

static bool build(struct rebuild *rebuild, struct error *error)
{
    struct process process = {.arguments = rebuild->request->command,
                              .environment = rebuild->injection.entries,
                              .shows_output = true,
                              .shows_as_error = rebuild->request->output_to_error};
    struct process_result result;
    char how[256];
    fflush(stdout);
    if (rebuild->request->as_counters && !rebuild_watch_counters(rebuild, &process, error))
        return false;
    if (!process_run(&process, &result, error))
        return false;
    rebuild->built = process_succeeded(&result);
    rebuild->build_status = result.signal ? 128 + result.signal : result.exit_status;
    if (!rebuild->built) {
        process_describe(&result, how, sizeof(how));
        rebuild_answer(rebuild, false,
                       result.timed_out ? "leave out --as=ir, or record longer: counts of few "
                                          "samples can keep a compiler busy for ever"
                                        : "run it by hand first, without pgo-bolt",
                       "the build %s", how);
    }
    return true;
}

bool rebuild_run(struct rebuild *rebuild, struct error *error)
{
    struct rebuild_before before;
    bool done = rebuild_look_before(&before, rebuild, error) && build(rebuild, error);
    if (done && rebuild->built)
        done = rebuild_check(rebuild, &before, error);
    rebuild_before_free(&before);
    return done;
}

void rebuild_free(struct rebuild *rebuild)
{
    injection_free(&rebuild->injection);
    sample_profile_free(&rebuild->samples);
    compile_log_free(&rebuild->log);
    *rebuild = (struct rebuild){0};
}
