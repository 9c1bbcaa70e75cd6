/*
 * pgo-record: starts a program with the shim preloaded, waits for it, and says
 * what was recorded; or records one from outside.
 *
 *   options.c   the command line          duration.c  times in it
 *   program.c   can this program be recorded, and how?
 *   launch.c    a run with the shim preloaded: environment, signals, exit status
 *   outside.c   programs that run already, or that nothing can be preloaded into
 *   command.c   the start of such a program
 *   outputs.c   which raw files came out of it
 *   say.c       messages
 */
#include <time.h>

#include "shim/record/launch.h"
#include "shim/record/options.h"
#include "shim/record/outputs.h"
#include "shim/record/outside.h"
#include "shim/record/program.h"
#include "shim/record/say.h"

/* Runs the command, preloaded or from outside.  Returns the status to pass on; *ran: it ran. */
static int command_record(const struct record_options *options, bool *ran)
{
    char program[4096], shim[4096];
    enum recording recording =
        program_check(options->command[0], options->quiet, program, sizeof(program));

    *ran = recording != RECORDING_REFUSED &&
           (recording == RECORDING_OUTSIDE || launch_find_shim(shim, sizeof(shim))) &&
           outputs_prepare(options);
    if (!*ran)
        return RECORD_STATUS_ENVIRONMENT;
    return recording == RECORDING_OUTSIDE ? outside_run(options, program)
                                          : launch_run(options, program, shim);
}

int main(int argc, char **argv)
{
    struct record_options options;
    struct timespec now;
    bool ran;
    int status;

    options_parse(&options, argc, argv);
    clock_gettime(CLOCK_REALTIME, &now);
    if (options.command) {
        status = command_record(&options, &ran);
    } else {
        status = outputs_prepare(&options) ? outside_attach(&options) : RECORD_STATUS_ENVIRONMENT;
        ran = status == 0;
    }
    if (ran && !options.quiet)
        outputs_summarize(&options, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    return status;
}
