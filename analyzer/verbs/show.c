/* pgo-analyze show: what is in raw profiles, file by file. */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "analyzer/read/reader.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/verbs.h"
#include "include/pgoshim/raw.h"

struct arguments {
    struct inputs inputs;
    struct error error;
};

static const char documentation[] =
    "Show what is in raw profiles: the recording, its modules, its counters.\v"
    "Examples:\n"
    "  pgo-analyze show app.pgoraw\n\n" VERBS_EXIT_STATUS;

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        return inputs_add(&arguments->inputs, value, 1, &arguments->error) ? 0 : ENOMEM;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no raw profile was given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
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
    print_fact(stdout, "started", time_text(recording->start_time_ns, text));
    print_fact(stdout, "sampler", sampler_text(recording->sampler));
    print_fact(stdout, "branches", branch_source_text(recording->branch_source));
    print_fact(stdout, "why", recording->why);
    if (recording->period_ns) {
        snprintf(text, sizeof(text), "a sample every %s ns of CPU time",
                 count_text(recording->period_ns, number));
        print_fact(stdout, "period", text);
    }
    fputs("counters\n", stdout);
    for (unsigned counter = 0; counter < PGORAW_MAX_COUNTERS; counter++) {
        if (recording->counters[counter] > 0 && counter_text(counter))
            printf("%20s  %s\n", count_text(recording->counters[counter], number),
                   counter_text(counter));
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
        text_print(stdout, module->path);
        fputc('\n', stdout);
    }
}

static bool show_file(const char *path, struct error *error)
{
    struct profile *profile = profile_new(error);
    char text[128];
    char traces[32], stacks[32], samples[32];
    bool done = profile && profile_read(path, profile, error) && profile_normalise(profile, error);
    if (done) {
        print_fact(stdout, "file", path);
        for (size_t i = 0; i < profile->recording_count; i++)
            show_recording(&profile->recordings[i]);
        snprintf(text, sizeof(text), "%s distinct traces, %s stack nodes, %s samples",
                 count_text(profile->trace_count, traces), count_text(profile->stack_count, stacks),
                 count_text(profile_samples(profile), samples));
        print_fact(stdout, "content", text);
        show_modules(profile);
    }
    profile_free(profile);
    return done;
}

int verb_show(int argc, char **argv)
{
    static const struct argp parser = {NULL, parse_option, "RAW...", documentation,
                                       NULL, NULL,         NULL};
    struct arguments arguments = {0};
    int status = EXIT_STATUS_DONE;
    if (argp_parse(&parser, argc, argv, 0, NULL, &arguments) != 0)
        status = verb_failed(&arguments.error);
    for (size_t i = 0; status == EXIT_STATUS_DONE && i < arguments.inputs.count; i++) {
        if (i > 0)
            fputc('\n', stdout);
        if (!show_file(arguments.inputs.items[i].path, &arguments.error))
            status = verb_failed(&arguments.error);
    }
    if (status == EXIT_STATUS_DONE && (fflush(stdout) != 0 || ferror(stdout))) {
        error_set_errno(&arguments.error, ERROR_WRITE, "standard output");
        status = verb_failed(&arguments.error);
    }
    inputs_free(&arguments.inputs);
    return status;
}
