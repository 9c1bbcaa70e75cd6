#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/base/help.h"
#include "analyzer/base/terminal.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/toolchain/compilers.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"

static const char documentation[] =
    "Print the flags that a release should be built with, so that a profile of it can be used by "
    "its compiler in the next build; with --best also those that better the profile, and cost a "
    "little; with --bolt those that it should be linked with, so that BOLT can relink it."
    "\vThey go with whatever optimisation it has. pgo-bolt rebuild adds what the next build "
    "needs.\n\n"
    "Examples:\n"
    "  make CC=clang CFLAGS=\"-O2 $(pgo-bolt flags -t clang)\"\n"
    "  RUSTFLAGS=\"$(pgo-bolt flags -t rustc)\" cargo build --release\n"
    "  RUSTFLAGS=\"$(pgo-bolt flags --best -t rustc)\" cargo build --release\n"
    "  make LDFLAGS=\"$(pgo-bolt flags --bolt -t gcc)\"\n"
    "  pgo-bolt flags                      all toolchains, with advice\n"
    "  pgo-bolt flags --json | jq -r '.toolchains[] | select(.name == \"gcc\").flags'\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 standard output cannot be written.";

#define TEXT_COLUMN 7

enum { OPTION_BOLT = 256, OPTION_BEST, OPTION_JSON };

struct flags_options {
    enum toolchain toolchain;
    bool linking, best;
    bool json;
};

static const struct argp_option options[] = {
    {"best", OPTION_BEST, NULL, 0,
     "Also flags that keep code of different lines apart, which clang and rustc merge: for "
     "rebuild --as=ir",
     0},
    {"bolt", OPTION_BOLT, NULL, 0, "The flags to link with, for BOLT", 0},
    {"json", OPTION_JSON, NULL, 0, "Print the flags as JSON", 0},
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
    case OPTION_BEST:
        wanted->best = true;
        return 0;
    case OPTION_JSON:
        wanted->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "what is '%s'?", argument);
        return 0;
    case ARGP_KEY_END:
        if (wanted->best && wanted->linking)
            argp_error(state, "--best is of flags to compile with, --bolt of those to link with");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char *flags_of(const struct flags_options *wanted, enum toolchain toolchain)
{
    if (wanted->linking)
        return compiler_link_flags(toolchain);
    return wanted->best ? compiler_best_flags(toolchain) : compiler_release_flags(toolchain);
}

static const char *advice_of(const struct flags_options *wanted, enum toolchain toolchain)
{
    if (wanted->linking)
        return compiler_link_advice(toolchain);
    return wanted->best ? compiler_best_advice(toolchain) : compiler_release_advice(toolchain);
}

static void print_row(const struct flags_options *wanted, enum toolchain toolchain)
{
    const char *flags = flags_of(wanted, toolchain);
    const char *advice = advice_of(wanted, toolchain);
    size_t width = terminal_width(stdout);

    printf("%-*s", TEXT_COLUMN, toolchain_name(toolchain));
    text_print_words(stdout, *flags ? flags : "(none)", TEXT_COLUMN, width);
    fputc('\n', stdout);
    if (advice) {
        printf("%*s", TEXT_COLUMN, "");
        text_print_words(stdout, advice, TEXT_COLUMN, width);
        fputc('\n', stdout);
    }
}

static json_t *flags_json(const struct flags_options *wanted)
{
    json_t *list = json_array();
    for (int i = TOOLCHAIN_AUTO + 1; i < TOOLCHAINS; i++) {
        enum toolchain toolchain = (enum toolchain)i;
        if (wanted->toolchain == TOOLCHAIN_AUTO || wanted->toolchain == toolchain)
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s*}", "name", toolchain_name(toolchain),
                                            "flags", flags_of(wanted, toolchain), "advice",
                                            advice_of(wanted, toolchain)));
    }
    return json_pack("{s:b, s:o}", "for_bolt", (int)wanted->linking, "toolchains", list);
}

int verb_flags(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, documentation, NULL, NULL, NULL};
    struct flags_options wanted = {.toolchain = TOOLCHAIN_AUTO};
    struct error error;

    help_argp_parse(&argp, argc, argv, &wanted);
    if (wanted.json)
        return print_json(flags_json(&wanted), &error) ? EXIT_STATUS_DONE : options_fail(&error);
    if (wanted.toolchain != TOOLCHAIN_AUTO)
        puts(flags_of(&wanted, wanted.toolchain));
    else
        for (int i = TOOLCHAIN_AUTO + 1; i < TOOLCHAINS; i++)
            print_row(&wanted, (enum toolchain)i);
    return EXIT_STATUS_DONE;
}
