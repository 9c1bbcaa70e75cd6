#include "analyzer/base/program.h"

#include <argp.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "analyzer/base/options.h"
#include "analyzer/base/progress.h"

#define VERBS_MAX 32

static void print_help(const struct program *program, FILE *stream)
{
    fprintf(stream, "Usage: %s VERB [ARGUMENTS]\n%s\n\n", program->name, program->purpose);
    for (size_t i = 0; i < program->verb_count; i++)
        fprintf(stream, "  %-10s %s\n", program->verbs[i].name, program->verbs[i].summary);
    fprintf(stream,
            "\nExamples:\n%s\n"
            "See %s VERB --help for each, and %s --version.\n"
            "Exit status: 0 done, 1 the answer is no, 2 wrong usage,\n"
            "3 a file, tool or system does not allow it.\n",
            program->examples, program->name, program->name);
}

static int refuse_verb(const struct program *program, const char *word)
{
    static const char *const options[] = {"--help", "--version", NULL};
    const char *names[VERBS_MAX + 1] = {NULL};
    bool is_option = *word == '-';
    char subject[256];
    struct error error;

    assert(program->verb_count <= VERBS_MAX);
    for (size_t i = 0; i < program->verb_count; i++)
        names[i] = program->verbs[i].name;
    error_set(&error, ERROR_USAGE,
              option_unknown(subject, sizeof(subject), is_option ? "option" : "verb", word,
                             is_option ? options : names),
              NULL);
    message_error(&error);
    return error_exit_status(error.code);
}

static int verb_run(const struct program *program, const struct verb *verb, int argc, char **argv)
{
    static char name[64];
    int status;

    if (program->prepare)
        program->prepare();
    snprintf(name, sizeof(name), "%s %s", program->name, verb->name);
    argv[0] = name;
    progress_listen(message_progress);
    status = verb->run(argc, argv);
    message_progress_end();
    return message_finish_output(status);
}

int program_run(const struct program *program, int argc, char **argv)
{
    static char version[64];
    char *asked[] = {argv[0], NULL, "--help", NULL}; /* what `help VERB` means */

    message_set_program(program->name);
    snprintf(version, sizeof(version), "%s %s", program->name, PGOSHIM_VERSION);
    argp_program_version = version;
    argp_err_exit_status = EXIT_STATUS_USAGE;
    if (argc < 2) {
        print_help(program, stderr);
        return EXIT_STATUS_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 && argc > 2) {
        asked[1] = argv[2];
        argv = asked;
        argc = 3;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(program, stdout);
        return message_finish_output(EXIT_STATUS_DONE);
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts(version);
        return message_finish_output(EXIT_STATUS_DONE);
    }
    for (size_t i = 0; i < program->verb_count; i++)
        if (strcmp(argv[1], program->verbs[i].name) == 0)
            return verb_run(program, &program->verbs[i], argc - 1, argv + 1);
    return refuse_verb(program, argv[1]);
}
