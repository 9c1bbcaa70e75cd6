#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/base/help.h"
#include "bolt-bridge/toolchain/compilers.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"

static const char documentation[] =
    "Print the flags that a release should be built with, so that a profile of it can be used by "
    "its compiler in the next build; with --bolt those that it should be linked with, so that BOLT "
    "can relink it."
    "\vThey go with whatever optimisation it has. pgo-bolt rebuild adds what the next build "
    "needs.\n\n"
    "Examples:\n"
    "  make CC=clang CFLAGS=\"-O2 $(pgo-bolt flags -t clang)\"\n"
    "  RUSTFLAGS=\"$(pgo-bolt flags -t rustc)\" cargo build --release\n"
    "  make LDFLAGS=\"$(pgo-bolt flags --bolt -t gcc)\"\n"
    "  pgo-bolt flags                      all toolchains, with advice\n\n"
    "Exit status: 0 done, 2 wrong usage.";

enum { OPTION_BOLT = 256 };

struct flags_options {
    enum toolchain toolchain;
    bool linking;
};

static const struct argp_option options[] = {
    {"bolt", OPTION_BOLT, NULL, 0, "The flags to link with, for BOLT", 0},
    {"toolchain", 't', "NAME", 0, "clang, rustc, gcc or go (default: all, with advice)", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct flags_options *wanted = state->input;
    switch (key) {
    case 't':
        wanted->toolchain = options_toolchain(argument, TOOLCHAIN_AUTO + 1, state);
        return 0;
    case OPTION_BOLT:
        wanted->linking = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "what is '%s'?", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char *flags_of(const struct flags_options *wanted, enum toolchain toolchain)
{
    return wanted->linking ? compiler_link_flags(toolchain) : compiler_release_flags(toolchain);
}

static void print_row(const struct flags_options *wanted, enum toolchain toolchain)
{
    const char *flags = flags_of(wanted, toolchain);
    const char *advice =
        wanted->linking ? compiler_link_advice(toolchain) : compiler_release_advice(toolchain);

    printf("%-6s %s\n", toolchain_name(toolchain), *flags ? flags : "(none)");
    if (advice)
        printf("       %s\n", advice);
}

int verb_flags(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, documentation, NULL, NULL, NULL};
    struct flags_options wanted = {.toolchain = TOOLCHAIN_AUTO};

    help_argp_parse(&argp, argc, argv, &wanted);
    if (wanted.toolchain != TOOLCHAIN_AUTO)
        puts(flags_of(&wanted, wanted.toolchain));
    else
        for (int i = TOOLCHAIN_AUTO + 1; i < TOOLCHAINS; i++)
            print_row(&wanted, (enum toolchain)i);
    return EXIT_STATUS_DONE;
}
