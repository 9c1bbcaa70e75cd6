#include "bolt-bridge/verbs/workloads.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "bolt-bridge/verbs/options.h"

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
    {"workload", 'w', "[NAME[:WEIGHT]=]ARGS", 0,
     "Arguments of one workload, with quotes as in a shell and '<FILE' for standard input; may be "
     "given several times",
     10},
    {"stdin", OPTION_STDIN, "FILE", 0, "Standard input of every run (/dev/null)", 10},
    {"load", OPTION_LOAD, "COMMAND", 0,
     "The program is a server: this shell command gives it work, and then it is asked to end", 10},
    {"ready", OPTION_READY, "COMMAND", 0, "It is ready when this shell command succeeds", 10},
    {"ready-port", OPTION_READY_PORT, "PORT", 0,
     "It is ready when it accepts connections to this port of 127.0.0.1", 10},
    {"ready-timeout", OPTION_READY_TIMEOUT, "SECONDS", 0, "How long that may take (30)", 10},
    {0},
};

/* One word, with its quotes taken away in place; NULL at the end.  *quoted: it began with one. */
static char *next_word(char **text, bool *quoted, bool *unfinished)
{
    char *read = *text, *write, *word;
    char quote = '\0';

    while (isspace((unsigned char)*read))
        read++;
    if (!*read)
        return NULL;
    *quoted = *read == '\'' || *read == '"' || *read == '\\';
    word = write = read;
    for (; *read && (quote || !isspace((unsigned char)*read)); read++) {
        if (quote ? *read == quote : *read == '\'' || *read == '"')
            quote = quote ? '\0' : *read;
        else if (*read == '\\' && quote != '\'' && read[1])
            *write++ = *++read;
        else
            *write++ = *read;
    }
    *unfinished = quote != '\0';
    if (*read)
        read++;
    *write = '\0';
    *text = read;
    return word;
}

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
        workload->weight = options_count(weight, "-w", 1, MOST_WEIGHT, state);
    if (end > text)
        workload->name = strdup(text);
    if (end > text && !workload->name)
        argp_failure(state, EXIT_STATUS_ENVIRONMENT, 0, "out of memory");
    return equals + 1;
}

static void add(struct workload_options *input, const char *argument, struct argp_state *state)
{
    struct workloads *workloads = &input->workloads;
    struct workload *workload = &workloads->items[workloads->count];
    bool quoted, unfinished = false;
    char *word;

    if (workloads->count == MEASURE_WORKLOADS)
        argp_error(state, "-w: at most %d workloads", MEASURE_WORKLOADS);
    char *copy = strdup(argument);
    workload->words = calloc(strlen(argument) + 2, sizeof(*workload->words));
    if (!copy || !workload->words) {
        free(copy);
        argp_failure(state, EXIT_STATUS_ENVIRONMENT, 0, "out of memory");
        return;
    }
    input->texts[workloads->count++] = copy;
    char *rest = take_name(copy, workload, state);
    while ((word = next_word(&rest, &quoted, &unfinished)) != NULL) {
        if (*word != '<' || quoted)
            workload->words[workload->word_count++] = word;
        else if (word[1] || (word = next_word(&rest, &quoted, &unfinished)) != NULL)
            workload->input_file = *word == '<' ? word + 1 : word;
        else
            argp_error(state, "-w '%s': which file after '<'?", argument);
    }
    if (unfinished)
        argp_error(state, "-w '%s': a quote is not closed", argument);
    for (size_t i = 0; workload->name && i + 1 < workloads->count; i++)
        if (workloads->items[i].name && strcmp(workloads->items[i].name, workload->name) == 0)
            argp_error(state, "-w: two workloads are called '%s'", workload->name);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct workload_options *input = state->input;
    struct workloads *workloads = &input->workloads;
    struct service *service = &workloads->service;
    switch (key) {
    case 'w':
        add(input, argument, state);
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
        service->ready_port = options_count(argument, "--ready-port", 1, 65535, state);
        return 0;
    case OPTION_READY_TIMEOUT:
        service->ready_timeout = options_seconds(argument, "--ready-timeout", state);
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
    }
    workloads->count = 0;
}
