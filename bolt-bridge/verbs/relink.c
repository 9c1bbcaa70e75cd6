#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "analyzer/base/help.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/write/json_parts.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/toolchain/relink.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/show_findings.h"
#include "bolt-bridge/verbs/verbs.h"

static const char documentation[] =
    "Rewrite BIN with BOLT by recorded profiles. BIN itself is never touched."
    "\vExamples:\n"
    "  pgo-bolt relink ./app -p app.pgoraw\n"
    "  pgo-bolt relink ./app -p monday.pgoraw tuesday.pgoraw -o app.fast\n"
    "  pgo-bolt relink ./app -p app.pgoraw -- -update-debug-sections\n"
    "  pgo-bolt relink ./app -p app.pgoraw -- -enable-bat\n"
    "  pgo-bolt relink ./app -p app.pgoraw --yaml app.yaml\n\n"
    "Options behind -- go to llvm-bolt, and replace ours of the same name:\n"
    "-reorder-blocks=ext-tsp -reorder-functions=cdsort (hfsort before LLVM 18)\n"
    "-split-functions -split-all-cold -split-eh -dyno-stats, and -plt=hot where BIN\n"
    "was linked with -z now. With -enable-bat, recordings of the new binary are\n"
    "profiles of BIN too, for the next relink, which then gives it unasked.\n\n"
    "Exit status: 0 done, 1 the profile has no samples of BIN or is not good enough,\n"
    "2 wrong usage, 3 a file or llvm-bolt does not allow it; nothing is left behind.";

enum { OPTION_FDATA = 256, OPTION_FORCE, OPTION_BOLT, OPTION_NO_RELOCATIONS, OPTION_YAML };

static const struct argp_option options[] = {
    {"profile", 'p', "RAW", 0, "A raw profile by pgo-record; several are merged", 0},
    {"fdata", OPTION_FDATA, "FILE", 0, "A profile in BOLT's own format instead", 0},
    {"output", 'o', "OUT", 0, "Where the new binary goes (BIN.bolt)", 0},
    {"force", OPTION_FORCE, NULL, 0,
     "Replace OUT where it exists; take a profile that pgo-analyze check fails", 0},
    {"bolt", OPTION_BOLT, "PATH", 0, "Which llvm-bolt (LLVM_BOLT, or the newest in PATH)", 0},
    {"timeout", OPTION_TIMEOUT, "TIME", 0, "Give llvm-bolt up after that time", 0},
    {"without-relocations", OPTION_NO_RELOCATIONS, NULL, 0,
     "Take a BIN that was linked without relocations: code moves within its functions only", 0},
    {"yaml", OPTION_YAML, "FILE", 0,
     "Let llvm-bolt write the profile in its YAML form too, which it can match with later builds",
     0},
    {0},
};

struct relink_options {
    const char *binary, *output, *yaml;
    bool force;
    struct output_options printing;
    struct relink_request request;
    struct file_list profiles;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct relink_options *arguments = state->input;
    switch (key) {
    case 'p':
        options_add_file(&arguments->profiles, argument, state);
        return 0;
    case 'o':
        arguments->output = argument;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->printing;
        return 0;
    case OPTION_FDATA:
        arguments->request.fdata = argument;
        return 0;
    case OPTION_FORCE:
        arguments->force = true;
        arguments->request.accepts_poor = true;
        return 0;
    case OPTION_BOLT:
        arguments->request.bolt = argument;
        return 0;
    case OPTION_TIMEOUT:
        arguments->request.timeout = option_duration(argument, "--timeout", state);
        return 0;
    case OPTION_YAML:
        arguments->yaml = argument;
        return 0;
    case OPTION_NO_RELOCATIONS:
        arguments->request.without_relocations = true;
        return 0;
    case ARGP_KEY_ARG:
        /* "-p RAW..." takes more than one file: those that follow BIN are profiles. */
        if (!arguments->binary)
            arguments->binary = argument;
        else
            options_add_file(&arguments->profiles, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (!arguments->binary)
            argp_error(state, "which binary?");
        if (!arguments->profiles.count && !arguments->request.fdata)
            argp_error(state, "which profile? Give -p RAW or --fdata FILE");
        if (arguments->profiles.count && arguments->request.fdata)
            argp_error(state, "either -p or --fdata, not both");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_text(const char *output, const struct relink_result *result)
{
    const struct bolt_outcome *outcome = &result->outcome;

    printf("%s: by llvm-bolt %s", output, result->bolt.version);
    if (outcome->profile_told)
        printf(", %llu of %llu functions have a profile",
               (unsigned long long)outcome->profiled_functions,
               (unsigned long long)outcome->all_functions);
    if (outcome->branches_told && outcome->taken_before)
        printf(", taken branches %+.1f %%",
               100 * ((double)outcome->taken_after / (double)outcome->taken_before - 1));
    putchar('\n');
}

static json_t *result_json(const char *output, const struct relink_result *result)
{
    const struct bolt_outcome *outcome = &result->outcome;
    json_t *root =
        json_pack("{s:o, s:o, s:s, s:I}", "output", json_text(output), "llvm_bolt",
                  json_text(result->bolt.path), "llvm_bolt_version", result->bolt.version,
                  "stale_functions", (json_int_t)outcome->stale_functions);

    if (outcome->profile_told) {
        json_object_set_new(root, "profiled_functions",
                            json_integer((json_int_t)outcome->profiled_functions));
        json_object_set_new(root, "functions", json_integer((json_int_t)outcome->all_functions));
    }
    if (outcome->branches_told)
        json_object_set_new(root, "taken_branches",
                            json_pack("{s:I, s:I}", "before", (json_int_t)outcome->taken_before,
                                      "after", (json_int_t)outcome->taken_after));
    return root;
}

static void warn(const struct bolt_outcome *outcome)
{
    if (outcome->profile_told && outcome->profiled_functions == 0)
        message_warning("BOLT used nothing of the profile: is it of this binary?");
    else if (outcome->stale_functions)
        message_warning("the profile does not fit %llu functions: was it recorded from another "
                        "build?",
                        (unsigned long long)outcome->stale_functions);
    if (outcome->debug_information_lost)
        message_note("debug information was left out; keep it with: -- -update-debug-sections");
}

/*
 * BOLT's YAML form has hashes of blocks as BOLT makes them, so BOLT writes it.
 * The option goes before those of the user.
 */
static bool write_with_yaml(const struct relink_request *request, const char *output,
                            const char *yaml, struct relink_result *result, struct error *error)
{
    struct relink_request with_yaml = *request;
    size_t count = request->option_count + 1;
    char **options = calloc(count, sizeof(*options));
    char *option = NULL;
    bool done = options && asprintf(&option, "-w=%s", yaml) > 0;
    if (done) {
        options[0] = option;
        for (size_t i = 1; i < count; i++)
            options[i] = request->options[i - 1];
        with_yaml.options = options;
        with_yaml.option_count = count;
        done = relink_write(&with_yaml, output, result, error);
        free(option);
    } else {
        memory_exhausted(error);
    }
    free((void *)options);
    return done;
}

/* Both files, or none of them. */
static bool write_outputs(struct relink_options *arguments, const char *final_path,
                          struct relink_result *result, struct error *error)
{
    struct temporary_output output, yaml;
    if (!temporary_output_open(&output, final_path, arguments->force, error))
        return false;
    bool has_yaml = arguments->yaml != NULL;
    bool done = !has_yaml || temporary_output_open(&yaml, arguments->yaml, arguments->force, error);
    if (!done) {
        temporary_output_discard(&output);
        return false;
    }
    done = has_yaml ? write_with_yaml(&arguments->request, output.path, yaml.path, result, error)
                    : relink_write(&arguments->request, output.path, result, error);
    if (!done) {
        temporary_output_discard(&output);
        if (has_yaml)
            temporary_output_discard(&yaml);
        return false;
    }
    done = !has_yaml || temporary_output_commit(&yaml, arguments->force, error);
    if (!done) {
        temporary_output_discard(&output);
        return false;
    }
    return temporary_output_commit(&output, arguments->force, error);
}

static bool relink(struct relink_options *arguments, const char *binary, const char *final_path,
                   struct error *error)
{
    struct relink_result result;
    struct stat status;

    arguments->request.binary = binary;
    arguments->request.profiles = arguments->profiles.files;
    arguments->request.profile_count = arguments->profiles.count;
    arguments->request.judges_profile = true;
    if (!relink_check_output(binary, final_path, error) ||
        (arguments->yaml && !relink_check_output(binary, arguments->yaml, error)) ||
        !write_outputs(arguments, final_path, &result, error))
        return false;
    if (!arguments->printing.json)
        print_text(final_path, &result);
    else if (!print_json(result_json(final_path, &result), error))
        return false;
    findings_say(&result.findings, 0);
    warn(&result.outcome);
    if (stat(binary, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)))
        message_warning("%s is set-user-ID or set-group-ID; %s is not: set it yourself", binary,
                        final_path);
    return true;
}

int verb_relink(int argc, char **argv)
{
    static const struct argp_child children[] = {{&output_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options, parse, "BIN -p RAW... [-- LLVM-BOLT-OPTIONS]", documentation, children,
        NULL,    NULL};
    struct relink_options arguments = {0};
    char binary[PATH_MAX], fallback[PATH_MAX + 8];
    struct error error;

    argc = options_split(argc, argv, (char ***)&arguments.request.options,
                         &arguments.request.option_count);
    help_argp_parse(&argp, argc, argv, &arguments);
    bool done = options_find_binary(arguments.binary, binary, &error);
    if (done) {
        snprintf(fallback, sizeof(fallback), "%s.bolt", arguments.binary);
        done = relink(&arguments, binary, arguments.output ? arguments.output : fallback, &error);
    }
    free((void *)arguments.profiles.files);
    return done ? EXIT_STATUS_DONE : options_fail(&error);
}
