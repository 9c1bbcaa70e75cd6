#include <argp.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/base/help.h"
#include "bolt-bridge/toolchain/compilers.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"

static const char documentation[] =
    "Print the flags that a release should be built with, so that a profile of it can be used by "
    "its compiler in the next build."
    "\vThey go with whatever optimisation it has. pgo-bolt rebuild adds what the next build "
    "needs.\n\n"
    "Examples:\n"
    "  make CC=clang CFLAGS=\"-O2 $(pgo-bolt flags -t clang)\"\n"
    "  RUSTFLAGS=\"$(pgo-bolt flags -t rustc)\" cargo build --release\n"
    "  pgo-bolt flags                      all toolchains, with advice\n\n"
    "Exit status: 0 done, 2 wrong usage.";

static const struct argp_option options[] = {
    {"toolchain", 't', "NAME", 0, "clang, rustc, gcc or go (default: all, with advice)", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    enum toolchain *toolchain = state->input;
    switch (key) {
    case 't':
        *toolchain = options_toolchain(argument, TOOLCHAIN_AUTO + 1, state);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "what is '%s'?", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int verb_flags(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, documentation, NULL, NULL, NULL};
    enum toolchain toolchain = TOOLCHAIN_AUTO;

    help_argp_parse(&argp, argc, argv, &toolchain);
    if (toolchain != TOOLCHAIN_AUTO) {
        puts(compiler_release_flags(toolchain));
        return EXIT_STATUS_DONE;
    }
    for (int i = TOOLCHAIN_AUTO + 1; i < TOOLCHAINS; i++) {
        const char *advice = compiler_release_advice((enum toolchain)i);
        printf("%-6s %s\n", toolchain_name((enum toolchain)i),
               *compiler_release_flags((enum toolchain)i)
                   ? compiler_release_flags((enum toolchain)i)
                   : "(none)");
        if (advice)
            printf("       %s\n", advice);
    }
    return EXIT_STATUS_DONE;
}
