#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/base/text.h"
#include "analyzer/write/json_parts.h"
#include "bolt-bridge/choosing/report.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/toolchain/rebuild.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/show_findings.h"
#include "bolt-bridge/verbs/verbs.h"
#include "bolt-bridge/verbs/workloads.h"

static const char documentation[] =
    "Run a build command so that its compilers use recorded profiles, and say whether they did."
    "\vThe command is that of the ordinary build, of everything: nothing has to be configured "
    "anew, "
    "but what is up to date is not compiled again, so clean first. What was recorded is kept in "
    "the "
    "profile directory, because the build may overwrite it.\n\n"
    "Examples:\n"
    "  pgo-bolt rebuild -p app.pgoraw -- make\n"
    "  pgo-bolt rebuild -p app.*.pgoraw -- cargo build --release\n"
    "  pgo-bolt rebuild -p app.pgoraw -b old/app --result out/app -- ninja -C out\n"
    "  pgo-bolt rebuild -p server.pgoraw -- go build ./cmd/server\n"
    "  pgo-bolt rebuild --as=auto -p app.pgoraw -w small-input -- make\n"
    "  pgo-bolt rebuild -p app.pgoraw --dry-run   the environment, to be set by hand\n\n"
    "Exit status: 0 done, 1 the build did not use the profile, the profile has no samples of "
    "the binary, or no build was better than the plain one (--as=auto), 2 wrong usage, 3 a file, "
    "tool or system does not allow it, or the build failed.";

enum {
    OPTION_RESULT = 256,
    OPTION_DIRECTORY,
    OPTION_DRY_RUN,
    OPTION_PRINT,
    OPTION_DEFAULT_PGO,
    OPTION_FORCE,
    OPTION_ALLOW_EMPTY,
    OPTION_AS,
    OPTION_IGNORE_OUTPUT
};

static const struct argp_option options[] = {
    {"profile", 'p', "FILE", 0,
     "A recording, or any other profile that pgo-analyze reads; several are merged", 0},
    {"binary", 'b', "FILE", 0, "The binary that was recorded (the recorded program)", 0},
    {"result", OPTION_RESULT, "FILE", 0, "What the build makes (the recorded binary, anew)", 0},
    {"toolchain", 't', "NAME", 0, "auto, clang, rustc, gcc or go", 0},
    {"as", OPTION_AS, "KIND", 0,
     "What the compiler gets: sample (the default); lines, by lines also where there are probes; "
     "ir, a profile of counters for clang's -fprofile-use or rustc's -Cprofile-use, for which the "
     "build is run twice; or auto, the best of these for the workloads, for which it is run with "
     "each",
     0},
    {"profile-dir", OPTION_DIRECTORY, "DIR", 0,
     "Where converted profiles and recorded binaries are kept (" REBUILD_DIRECTORY ")", 0},
    {"dry-run", OPTION_DRY_RUN, NULL, 0, "Convert, print the environment and build nothing", 0},
    {"print", OPTION_PRINT, NULL, OPTION_HIDDEN, NULL, 0},
    {NULL, 'n', NULL, OPTION_HIDDEN, NULL, 0},
    {"ignore-output", OPTION_IGNORE_OUTPUT, NULL, 0, "--as=auto: what the builds print may differ",
     0},
    {"default-pgo", OPTION_DEFAULT_PGO, NULL, 0,
     "Go: also put the profile beside the main package, as default.pgo", 0},
    {"force", OPTION_FORCE, NULL, 0,
     "Take a profile that pgo-analyze check fails; replace a default.pgo that is there", 0},
    {"allow-empty", OPTION_ALLOW_EMPTY, NULL, 0,
     "Build without a profile where it has no samples of the binary", 0},
    {0},
};

struct rebuild_options {
    struct rebuild_request request;
    bool is_dry_run;
    struct output_options printing;
    struct file_list profiles;
    struct workload_options input;
    bool is_auto;
    bool ignores_output;
};

/* What belongs to --as=auto, and what does not go with it. */
static void check_choice(const struct rebuild_options *arguments, struct argp_state *state)
{
    const struct workloads *workloads = &arguments->input.workloads;
    bool has_workload = workloads->count > 0 || workloads->is_server || arguments->input.input_file;
    if (!arguments->is_auto && (has_workload || arguments->ignores_output))
        argp_error(state, "-w, --stdin and --ignore-output are for --as=auto: a build runs "
                          "nothing else");
    if (arguments->is_auto && !has_workload)
        argp_error(state, "--as=auto: by which workload? Give -w ARGS ('' for none)");
    if (arguments->is_auto && arguments->is_dry_run)
        argp_error(state, "--as=auto: the builds have to be run for it");
    if (arguments->is_auto && arguments->request.default_pgo)
        argp_error(state, "--default-pgo: with --as=sample, the default");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rebuild_options *arguments = state->input;
    struct rebuild_request *request = &arguments->request;
    switch (key) {
    case 'p':
    case ARGP_KEY_ARG: /* "-p FILE..." takes more than one */
        options_add_file(&arguments->profiles, argument, state);
        return 0;
    case 'b':
        request->binary = argument;
        return 0;
    case OPTION_RESULT:
        request->result = argument;
        return 0;
    case 't':
        request->toolchain = options_toolchain(argument, TOOLCHAIN_AUTO, state);
        return 0;
    case OPTION_AS:
        request->kind = options_rebuild_kind(argument, &arguments->is_auto, state);
        return 0;
    case OPTION_DIRECTORY:
        request->directory = argument;
        return 0;
    case OPTION_PRINT:
    case 'n':
        option_deprecated(state, key == 'n' ? "-n" : "--print", "--dry-run");
        arguments->is_dry_run = true;
        return 0;
    case OPTION_DRY_RUN:
        arguments->is_dry_run = true;
        return 0;
    case OPTION_IGNORE_OUTPUT:
        arguments->ignores_output = true;
        return 0;
    case OPTION_DEFAULT_PGO:
        request->default_pgo = true;
        return 0;
    case OPTION_FORCE:
        request->force = true;
        request->accepts_poor = true;
        return 0;
    case OPTION_ALLOW_EMPTY:
        request->allow_empty = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->input;
        state->child_inputs[1] = &arguments->printing;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->profiles.count)
            argp_error(state, "which profile? Give -p FILE");
        if (!request->command && !arguments->is_dry_run)
            argp_error(state, "which build? Give its command behind --, or --dry-run");
        check_choice(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* In single quotes, for a shell. */
static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
    putchar('\'');
}

static void print_flags(const char *what, const struct compiler_flags *flags)
{
    if (flags->count == 0)
        return;
    printf("# %s:", what);
    for (size_t i = 0; i < flags->count; i++)
        printf(" %s", flags->words[i]);
    putchar('\n');
}

/* For `eval`; all but the commands are comments. */
static void print_environment(const struct rebuild *rebuild)
{
    printf("# profile for %s: %s\n", toolchain_name(rebuild->toolchain), rebuild->profile);
    print_flags("debug flags", &rebuild->debug_flags);
    print_flags("profile flags", &rebuild->use_flags);
    for (size_t i = 0; i < rebuild->injection.count; i++) {
        const char *entry = rebuild->injection.entries[i];
        const char *value = strchr(entry, '=') + 1;
        printf("export %.*s", (int)(value - entry), entry);
        print_quoted(value);
        putchar('\n');
    }
}

/* By cause, with the hottest function of each. */
static json_t *use_json(const struct rebuild_use *use)
{
    json_t *root = json_pack("{s:I, s:I, s:I}", "functions", (json_int_t)use->functions, "counts",
                             (json_int_t)use->counts, "confirmed", (json_int_t)use->confirmed);
    for (size_t i = 0; i < USE_KINDS; i++) {
        const struct use_share *share = &use->shares[i];
        if (share->functions > 0)
            json_object_set_new(
                root, use_kind_key((enum use_kind)i),
                json_pack("{s:I, s:I, s:o, s:o}", "functions", (json_int_t)share->functions,
                          "counts", (json_int_t)share->counts, "hottest",
                          json_text(share->function), "unit", json_text(share->unit)));
    }
    return root;
}

static json_t *rebuild_json(const struct rebuild_options *arguments, const struct rebuild *rebuild)
{
    json_t *environment = json_array();
    for (size_t i = 0; i < rebuild->injection.count; i++)
        json_array_append_new(environment, json_text(rebuild->injection.entries[i]));
    json_t *root =
        json_pack("{s:s, s:o, s:o, s:o, s:I, s:b, s:o, s:o}", "toolchain",
                  toolchain_name(rebuild->toolchain), "profile", json_text(rebuild->profile),
                  "binary", json_text(rebuild->binary), "result", json_text(rebuild->result),
                  "counts", (json_int_t)rebuild->counts, "by_probes", rebuild->is_by_probes,
                  "environment", environment, "findings", findings_json(&rebuild->findings));
    if (root && !arguments->is_dry_run) {
        json_object_update_new(root, json_pack("{s:b, s:b, s:i, s:o, s:I, s:I}", "built",
                                               rebuild->built, "used", rebuild->used,
                                               "build_status", rebuild->build_status, "reason",
                                               json_text(rebuild->reason), "compilations",
                                               (json_int_t)rebuild->log.runs, "with_profile",
                                               (json_int_t)rebuild->log.with_profile));
        if (rebuild->match_told)
            json_object_set_new(root, "match",
                                json_pack("{s:I, s:I, s:I}", "counts",
                                          (json_int_t)rebuild->match.counts, "in_functions",
                                          (json_int_t)rebuild->match.in_functions, "in_places",
                                          (json_int_t)rebuild->match.in_places));
        if (rebuild->use_told)
            json_object_set_new(root, "use", use_json(&rebuild->use));
    }
    return root;
}

static int conclude(const struct rebuild *rebuild, bool show)
{
    bool is_empty = !*rebuild->profile;
    if (!rebuild->built || (!rebuild->used && !is_empty)) {
        message_warning("%s", rebuild->reason);
        if (rebuild->remedy)
            message_note("  remedy: %s", rebuild->remedy);
        return rebuild->built ? EXIT_STATUS_NO : EXIT_STATUS_ENVIRONMENT;
    }
    if (show)
        printf("%s: %s\n", rebuild->result, rebuild->reason);
    if (show && rebuild->use_told) {
        char text[1024];
        rebuild_use_describe(&rebuild->use, text, sizeof(text));
        printf("%s: %s\n", rebuild->result, text);
    }
    return EXIT_STATUS_DONE;
}

/* Builds with every kind, and leaves the best. */
static int rebuild_best(struct rebuild_options *arguments)
{
    static struct choice choice;
    const struct choice_request request = {.rebuild = arguments->request,
                                           .workloads = &arguments->input.workloads,
                                           .output_may_differ = arguments->ignores_output,
                                           .tell = findings_say};
    struct error error;
    bool done = workloads_complete(&arguments->input, NULL, 0, &error) &&
                choice_make(&choice, &request, &error);
    int status = done && choice.winner > 0 ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
    if (done && arguments->printing.json) {
        json_t *root = rebuild_json(arguments, &choice.rebuild);
        json_object_set_new(root, "choice", choice_report_json(&choice));
        done = print_json(root, &error);
    } else if (done) {
        choice_report_print(&choice);
        if (choice.winner > 0)
            conclude(&choice.rebuild, true);
    }
    if (!done)
        status = options_fail(&error);
    choice_free(&choice);
    return status;
}

static int rebuild_all(const struct rebuild_options *arguments, struct rebuild *rebuild)
{
    struct error error;
    int status = EXIT_STATUS_DONE;
    bool done = rebuild_prepare(rebuild, &arguments->request, &error);
    size_t said = rebuild->findings.count;
    findings_say(&rebuild->findings, 0);
    if (!done)
        return options_fail(&error);
    if (!*rebuild->profile)
        message_warning("the profile has no samples of %s: it is built without one",
                        rebuild->binary);
    else
        message_note("%s for %s: %s", rebuild->profile, toolchain_name(rebuild->toolchain),
                     arguments->request.kind == REBUILD_COUNTERS ? "counters"
                     : rebuild->is_by_probes                     ? "counts of pseudo-probes"
                     : rebuild->toolchain == TOOLCHAIN_GO        ? "call stacks"
                                                                 : "counts of source lines");
    if (*rebuild->default_pgo)
        message_note("%s was written", rebuild->default_pgo);
    if (arguments->is_dry_run && !arguments->printing.json)
        print_environment(rebuild);
    if (!arguments->is_dry_run) {
        if (!rebuild_run(rebuild, &error))
            return options_fail(&error);
        findings_say(&rebuild->findings, said);
        status = conclude(rebuild, !arguments->printing.json);
    }
    if (arguments->printing.json && !print_json(rebuild_json(arguments, rebuild), &error))
        return options_fail(&error);
    return status;
}

int verb_rebuild(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&workloads_argp, 0, "What --as=auto runs:", 4}, {&output_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options, parse, "-p FILE... -- BUILD COMMAND...", documentation, children, NULL, NULL};
    static struct rebuild rebuild;
    static struct rebuild_options arguments;
    char **command;
    size_t command_count;

    argc = options_split(argc, argv, &command, &command_count);
    arguments.request.command = command_count > 0 ? command : NULL;
    help_argp_parse(&argp, argc, argv, &arguments);
    arguments.request.profiles = arguments.profiles.files;
    arguments.request.profile_count = arguments.profiles.count;
    arguments.request.output_to_error = arguments.printing.json;
    if (arguments.is_dry_run)
        arguments.request.command = NULL;
    int status = arguments.is_auto ? rebuild_best(&arguments) : rebuild_all(&arguments, &rebuild);
    rebuild_free(&rebuild);
    workloads_free(&arguments.input);
    free((void *)arguments.profiles.files);
    return status;
}
