#include "bolt-bridge/verbs/workloads.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/options.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/words.h"

#define DEFAULT_READY_SECONDS 30
#define DEFAULT_LOAD_SECONDS 600
#define MOST_WEIGHT 1000000

enum {
    OPTION_STDIN = 1024, /* beyond the keys of the verbs */
    OPTION_LOAD,
    OPTION_READY,
    OPTION_READY_PORT,
    OPTION_READY_TIMEOUT
};

static const struct argp_option options[] = {
    {"workload", 'w', "ARGS", 0,
     "Arguments of one workload, or NAME=ARGS or NAME:WEIGHT=ARGS; may be given several times. "
     "There is no shell, but quotes, '*', '?' and '[...]' mean what they do there, and '<FILE' is "
     "standard input",
     10},
    {"stdin", OPTION_STDIN, "FILE", 0, "Standard input of every run (/dev/null)", 10},
    {"load", OPTION_LOAD, "COMMAND", 0,
     "The program is a server: this shell command gives it work, and then it is asked to end", 10},
    {"ready", OPTION_READY, "COMMAND", 0, "It is ready when this shell command succeeds", 10},
    {"ready-port", OPTION_READY_PORT, "PORT", 0,
     "It is ready when it accepts connections to this port of 127.0.0.1", 10},
    {"ready-timeout", OPTION_READY_TIMEOUT, "TIME", 0, "How long that may take (30s)", 10},
    {0},
};

/* Takes "NAME=" or "NAME:WEIGHT=" off; a name has letters, digits, '_', '.' and '-' in it. */
static char *take_name(char *text, struct workload *workload, struct argp_state *state)
{
    char *end = text;

    workload->weight = 1;
    while (isalnum((unsigned char)*end) || (end > text && *end && strchr("_.-", *end)))
        end++;
    char *weight = *end == ':' ? end + 1 : NULL;
    char *equals = weight ? weight + strspn(weight, "0123456789") : end;
    if (*equals != '=' || (end == text && weight))
        return text;
    *end = *equals = '\0';
    if (weight)
        workload->weight = (unsigned)option_number(weight, "-w", 1, MOST_WEIGHT, state);
    if (end > text)
        workload->name = strdup(text);
    if (end > text && !workload->name)
        argp_failure(state, EXIT_STATUS_ENVIRONMENT, 0, "out of memory");
    return equals + 1;
}

static void append(struct workload_options *input, char *text, struct argp_state *state)
{
    size_t last = input->workloads.count - 1;
    struct workload *workload = &input->workloads.items[last];
    struct error error;

    if (!memory_reserve(&workload->words, &input->capacities[last], workload->word_count + 1,
                        sizeof(*workload->words), &error)) {
        argp_failure(state, EXIT_STATUS_ENVIRONMENT, 0, "out of memory");
        return;
    }
    workload->words[workload->word_count++] = text;
}

/* The files that a pattern stands for, or, as in a shell, the word itself where there are none. */
static void append_files(struct workload_options *input, const struct word *word,
                         const char *pattern, struct argp_state *state)
{
    glob_t *files = &input->files[input->workloads.count - 1];
    size_t before = files->gl_pathc;

    if (glob(pattern, before ? GLOB_APPEND : 0, NULL, files) != 0)
        append(input, word->text, state);
    /* The list moves when it grows, the names do not. */
    for (size_t i = before; i < files->gl_pathc; i++)
        append(input, files->gl_pathv[i], state);
}

static void add_words(struct workload_options *input, const char *argument, char *line,
                      char *pattern, struct argp_state *state)
{
    struct workload *workload = &input->workloads.items[input->workloads.count - 1];
    struct word word;
    bool is_file = false; /* the word behind a '<' */

    while (word_next(&line, pattern, &word)) {
        if (word.is_unfinished)
            argp_error(state, "-w '%s': a quote is not closed", argument);
        if (word.for_shell)
            argp_error(state,
                       "-w '%s': '%c' is for a shell, and there is none: put '' around it, or "
                       "write the workload into a script",
                       argument, word.for_shell);
        if (is_file || word.is_redirected)
            workload->input_file = word.text + !is_file;
        else if (word.is_pattern)
            append_files(input, &word, pattern, state);
        else
            append(input, word.text, state);
        is_file = !is_file && word.is_redirected && !word.text[1];
    }
    if (is_file)
        argp_error(state, "-w '%s': which file after '<'?", argument);
}

void workloads_add(struct workload_options *input, const char *argument, const char *option,
                   struct argp_state *state)
{
    struct workloads *workloads = &input->workloads;
    struct workload *workload = &workloads->items[workloads->count];

    if (workloads->count == MEASURE_WORKLOADS)
        argp_error(state, "%s: at most %d workloads", option, MEASURE_WORKLOADS);
    char *copy = strdup(argument);
    char *pattern = malloc(2 * strlen(argument) + 1);
    if (!copy || !pattern) {
        free(copy);
        free(pattern);
        argp_failure(state, EXIT_STATUS_ENVIRONMENT, 0, "out of memory");
        return;
    }
    input->texts[workloads->count++] = copy;
    add_words(input, argument, take_name(copy, workload, state), pattern, state);
    free(pattern);
    for (size_t i = 0; workload->name && i + 1 < workloads->count; i++)
        if (workloads->items[i].name && strcmp(workloads->items[i].name, workload->name) == 0)
            argp_error(state, "%s: two workloads are called '%s'", option, workload->name);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct workload_options *input = state->input;
    struct workloads *workloads = &input->workloads;
    struct service *service = &workloads->service;
    switch (key) {
    case 'w':
        workloads_add(input, argument, "-w", state);
        return 0;
    case OPTION_STDIN:
        input->input_file = argument;
        return 0;
    case OPTION_LOAD:
        workloads->is_server = true;
        service->load_command = argument;
        return 0;
    case OPTION_READY:
        service->ready_command = argument;
        return 0;
    case OPTION_READY_PORT:
        service->ready_port = (unsigned)option_number(argument, "--ready-port", 1, 65535, state);
        return 0;
    case OPTION_READY_TIMEOUT:
        service->ready_timeout = option_duration(argument, "--ready-timeout", state);
        return 0;
    case ARGP_KEY_INIT:
        service->ready_timeout = DEFAULT_READY_SECONDS;
        service->load_timeout = DEFAULT_LOAD_SECONDS;
        return 0;
    case ARGP_KEY_END:
        if ((service->ready_command || service->ready_port) && !workloads->is_server)
            argp_error(state, "--ready is for servers, which need --load COMMAND");
        if (workloads->is_server && !service->ready_command && !service->ready_port)
            argp_error(state, "when is the server ready? Give --ready COMMAND or --ready-port");
        if (workloads->is_server && workloads->count > 1)
            argp_error(state, "a server has one workload: let --load do all of it");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp workloads_argp = {options, parse, NULL, NULL, NULL, NULL, NULL};

bool workloads_complete(struct workload_options *input, char **rest, size_t rest_count,
                        struct error *error)
{
    struct workloads *workloads = &input->workloads;
    size_t given = workloads->count;

    if (given == 0)
        workloads->items[workloads->count++].weight = 1;
    for (size_t i = 0; i < workloads->count; i++) {
        struct workload *workload = &workloads->items[i];
        char **words = calloc(rest_count + workload->word_count + 1, sizeof(*words));
        if (!words)
            return memory_exhausted(error);
        memcpy(words, rest, rest_count * sizeof(*words));
        if (workload->words)
            memcpy(words + rest_count, workload->words, workload->word_count * sizeof(*words));
        free(workload->words);
        workload->words = words;
        workload->word_count += rest_count;
        if (!workload->input_file)
            workload->input_file = input->input_file;
        if (!workload->name && given > 1 && asprintf(&workload->name, "workload-%zu", i + 1) < 0)
            return memory_exhausted(error);
    }
    return true;
}

void workloads_free(struct workload_options *input)
{
    struct workloads *workloads = &input->workloads;

    for (size_t i = 0; i < workloads->count; i++) {
        free(workloads->items[i].words);
        free(workloads->items[i].name);
        free(input->texts[i]);
        globfree(&input->files[i]);
    }
    workloads->count = 0;
}
