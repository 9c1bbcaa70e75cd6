/* pgo-analyze show: what is in raw profiles, file by file. */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/read/reader.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/json_parts.h"
#include "include/pgoshim/raw.h"

static const char documentation[] =
    "Show what is in raw profiles: the recording, its modules, its counters.\v"
    "The files are shown one by one; with --json, all together.\n\n"
    "Examples:\n"
    "  pgo-analyze show app.pgoraw\n"
    "  pgo-analyze show --json *.pgoraw | jq '.recordings[].counters'\n\n" VERBS_EXIT_STATUS;

static const struct argp_child children[] = {
    {&option_json, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},
    {&option_profiles, 0, NULL, 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    (void)value;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    verb_options_share(state, children, state->input);
    return 0;
}

static void show_recording(const struct recording *recording)
{
    char text[128];
    char number[32];
    print_fact(stdout, "program", recording->program);
    print_fact(stdout, "command", recording->command_line);
    print_fact(stdout, "host", recording->host);
    if (recording->process_id) {
        snprintf(text, sizeof(text), "%" PRId32, recording->process_id);
        print_fact(stdout, "process", text);
    }
    if (recording->start_time_ns)
        print_fact(stdout, "started", time_text(recording->start_time_ns, text));
    print_fact(stdout, "sampler", sampler_text(recording->sampler));
    print_fact(stdout, "branches", branch_source_text(recording->branch_source));
    print_fact(stdout, "why", recording->why);
    if (recording->period_ns) {
        snprintf(text, sizeof(text), "a sample every %s ns of CPU time",
                 text_count(recording->period_ns, number));
        print_fact(stdout, "period", text);
    }
    fputs("counters\n", stdout);
    for (unsigned counter = 0; counter < PGORAW_MAX_COUNTERS; counter++) {
        if (recording->counters[counter] == 0 || !counter_text(counter))
            continue;
        printf("%20s  ", text_count(recording->counters[counter], number));
        text_print_words(stdout, counter_text(counter), 22, terminal_width(stdout));
        fputc('\n', stdout);
    }
}

static void show_modules(const struct profile *profile)
{
    char build_id[PROFILE_BUILD_ID_TEXT];
    fputs("modules     * is the program itself\n", stdout);
    for (size_t i = 0; i < profile->module_count; i++) {
        const struct module *module = &profile->modules[i];
        printf("  %c %-40s  ", module->is_main ? '*' : ' ',
               build_id_text(module->build_id, module->build_id_size, build_id));
        text_print(stdout, module_is_unnamed(module) ? "(not named: -b says which)" : module->path);
        fputc('\n', stdout);
    }
}

static bool show_file(const char *path, struct error *error)
{
    struct profile *profile = profile_new(error);
    char text[128];
    char traces[32], stacks[32], contexts[32], samples[32];
    bool done = profile && profile_read(path, profile, error) && profile_normalise(profile, error);
    if (done) {
        print_fact(stdout, "file", path);
        for (size_t i = 0; i < profile->recording_count; i++)
            show_recording(&profile->recordings[i]);
        snprintf(text, sizeof(text),
                 "%s distinct traces, %s stack nodes, %s traces by callers, %s samples",
                 text_count(profile->trace_count, traces), text_count(profile->stack_count, stacks),
                 text_count(profile->traces_by_caller.count, contexts),
                 text_count(profile_samples(profile), samples));
        print_fact(stdout, "content", text);
        show_modules(profile);
    }
    profile_free(profile);
    return done;
}

static bool show_all(const struct verb_options *arguments, struct error *error)
{
    for (size_t i = 0; i < arguments->inputs.count; i++) {
        if (i > 0)
            fputc('\n', stdout);
        if (!show_file(arguments->inputs.items[i].path, error))
            return false;
    }
    return true;
}

static bool show_json(const struct verb_options *arguments, struct error *error)
{
    struct profile *profile = inputs_read(&arguments->inputs, NULL, error);
    json_t *object = json_versioned();
    json_t *recordings = json_array();
    json_t *modules = json_array();
    for (size_t i = 0; profile && i < profile->recording_count; i++)
        json_array_append_new(recordings, json_recording(&profile->recordings[i]));
    for (size_t i = 0; profile && i < profile->module_count; i++)
        json_array_append_new(modules, json_module(&profile->modules[i]));
    json_object_set_new(object, "recordings", recordings);
    json_object_set_new(object, "modules", modules);
    if (profile) {
        json_object_set_new(object, "traces", json_number(profile->trace_count));
        json_object_set_new(object, "stack_nodes", json_number(profile->stack_count));
        json_object_set_new(object, "context_traces", json_number(profile->traces_by_caller.count));
        json_object_set_new(object, "samples", json_number(profile_samples(profile)));
        json_dumpf(object, stdout, JSON_INDENT(2)); /* the caller looks at the stream */
        fputc('\n', stdout);
    }
    json_decref(object);
    profile_free(profile);
    return profile != NULL;
}

int verb_show(int argc, char **argv)
{
    static const struct argp parser = {NULL,     parse_option, "PROFILE...", documentation,
                                       children, NULL,         NULL};
    struct verb_options arguments = {.no_profile = "no profile was given"};
    struct error *error = &arguments.error;
    bool done = help_argp_parse(&parser, argc, argv, &arguments) == 0 &&
                (arguments.json ? show_json(&arguments, error) : show_all(&arguments, error));
    inputs_free(&arguments.inputs);
    return done ? EXIT_STATUS_DONE : verb_failed(error);
}
