/*
 * pgo-record: starts a program with the shim preloaded, waits for it, and says
 * what was recorded; or records one from outside.
 *
 *   options.c   the command line          duration.c  times in it
 *   program.c   can this program be recorded, and how?
 *   launch.c    a run with the shim preloaded, as its parent or (--exec) as itself
 *   outside.c   programs that run already, or that nothing can be preloaded into
 *   command.c   the start of such a program
 *   outputs.c   which raw files came out of it
 *   reasons.c   why none did
 *   say.c       messages
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "shim/record/launch.h"
#include "shim/record/options.h"
#include "shim/record/outputs.h"
#include "shim/record/outside.h"
#include "shim/record/program.h"
#include "shim/record/say.h"

/* Runs the command, preloaded or from outside.  Returns the status to pass on; *ran: it ran. */
static int command_record(const struct record_options *options, struct outcome *outcome, bool *ran)
{
    static char program[4096], shim[4096];
    enum recording recording = program_check(options, program, sizeof(program));
    struct relay relay = {.command = 0};
    int status;

    if (getenv("NOTIFY_SOCKET") && !options->quiet)
        record_say(
            "note: a service manager takes what the command sends to NOTIFY_SOCKET for another "
            "process's\n  remedy: pgo-record --exec, which becomes the command");
    *ran = recording != RECORDING_REFUSED &&
           (recording == RECORDING_OUTSIDE || launch_find_shim(shim, sizeof(shim))) &&
           outputs_prepare(options);
    if (!*ran)
        return RECORD_STATUS_ENVIRONMENT;
    status = recording == RECORDING_OUTSIDE ? outside_run(options, program, &relay)
                                            : launch_run(options, program, shim, &relay);
    *ran = relay.command > 0;
    reasons_command_ended(outcome, relay.status, &relay.usage);
    return status;
}

/*
 * Becomes the command, recorded or not: where it can run at all, it does.  Returns only where it
 * cannot.
 */
static int command_exec(const struct record_options *options)
{
    static char program[4096], shim[4096];
    enum recording recording = program_check(options, program, sizeof(program));
    bool preloads = recording == RECORDING_PRELOADED && launch_find_shim(shim, sizeof(shim));

    if (recording == RECORDING_REFUSED && access(program, X_OK) != 0)
        return RECORD_STATUS_ENVIRONMENT;
    if (preloads)
        outputs_prepare(options); /* what stands in the way was said, and the shim goes without */
    return launch_exec(options, program, preloads ? shim : NULL);
}

int main(int argc, char **argv)
{
    static struct record_options options; /* large, and the stack may be small (ulimit -s) */
    struct timespec now;
    struct outcome outcome = {.is_command = false};
    bool ran;
    int status;

    options_parse(&options, argc, argv);
    if (options.exec)
        return command_exec(&options);
    clock_gettime(CLOCK_REALTIME, &now);
    if (options.command && !options.quiet)
        reasons_begin(&outcome);
    if (options.command) {
        status = command_record(&options, &outcome, &ran);
    } else {
        status = outputs_prepare(&options) ? outside_attach(&options, &outcome)
                                           : RECORD_STATUS_ENVIRONMENT;
        ran = status == 0;
    }
    if (ran && !options.quiet)
        outputs_summarize(&options, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
                          &outcome);
    reasons_end(&outcome);
    return status;
}
