#include "analyzer/base/help.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "command-line/unknown_option.h"

enum { OPTION_USAGE = 0x1000 }; /* above what verbs have */

/* Where the paragraph ends that begins there: before an empty line or one that is indented. */
static size_t paragraph_size(const char *text)
{
    size_t size = strcspn(text, "\n");
    while (size > 0 && text[size] && text[size + 1] && !strchr(" \n", text[size + 1]))
        size += 1 + strcspn(text + size + 1, "\n");
    return size;
}

/* Prints the words of a text; `column`: where the first one stands. */
static void print_words(FILE *stream, const char *text, size_t size, size_t column, size_t indent)
{
    bool begins = true;
    for (size_t i = 0; i < size;) {
        size_t blanks = strspn(text + i, " \n");
        size_t word = strcspn(text + i + blanks, " \n");
        if (!begins && column + blanks + word > HELP_COLUMNS) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!begins) {
            fprintf(stream, "%*s", (int)blanks, "");
            column += blanks;
        }
        fwrite(text + i + blanks, 1, word, stream);
        column += word;
        i += blanks + word;
        begins = false;
    }
    fputc('\n', stream);
}

void help_print(FILE *stream, const char *text)
{
    while (*text) {
        size_t size = *text == ' ' ? strcspn(text, "\n") : paragraph_size(text);
        if (*text == ' ')
            fprintf(stream, "%.*s\n", (int)size, text);
        else
            print_words(stream, text, size, 0, 0);
        text += size;
        text += *text == '\n';
    }
}

void help_print_row(FILE *stream, int name_width, const char *name, const char *description)
{
    fprintf(stream, "  %-*s  ", name_width, name);
    print_words(stream, description, strlen(description), (size_t)name_width + 4,
                (size_t)name_width + 4);
}

static const struct argp_option options[] = {
    {"help", '?', NULL, 0, "Give this help list", -1},
    {"usage", OPTION_USAGE, NULL, 0, "Give a short usage message", 0},
    {"version", 'V', NULL, 0, "Print program version", -1},
    {0},
};

static void print_help(const struct argp *parser, const struct argp_state *state)
{
    const char *after = parser->doc ? strchr(parser->doc, '\v') : NULL;
    argp_state_help(state, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_PRE_DOC | ARGP_HELP_LONG);
    if (parser->help_filter) {
        char *extra = parser->help_filter(ARGP_KEY_HELP_EXTRA, NULL, state->input);
        if (extra) {
            fputc('\n', stdout);
            help_print(stdout, extra);
        }
        free(extra);
    }
    if (after) {
        fputc('\n', stdout);
        help_print(stdout, after + 1);
    }
}

struct wrapped {
    const struct argp *parser;
    void *input;
};

static error_t parse_help(int key, char *value, struct argp_state *state)
{
    struct wrapped *wrapped = state->input;
    (void)value;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = wrapped->input;
        return 0;
    case '?':
        print_help(wrapped->parser, state);
        exit(message_finish_output(EXIT_STATUS_DONE));
    case OPTION_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    case 'V':
        puts(argp_program_version);
        exit(message_finish_output(EXIT_STATUS_DONE));
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

error_t help_argp_parse(const struct argp *parser, int argc, char **argv, void *input)
{
    const struct argp_child children[] = {{parser, 0, NULL, 0}, {0}};
    const struct argp root = {.options = options, .parser = parse_help, .children = children};
    struct wrapped wrapped = {parser, input};
    char unknown[256];
    if (unknown_option_find(&root, argc, argv, 0, unknown, sizeof(unknown))) {
        fprintf(stderr, "%s: %s\nTry `%s --help' for more information.\n", argv[0], unknown,
                argv[0]);
        exit(EXIT_STATUS_USAGE);
    }
    return argp_parse(&root, argc, argv, ARGP_NO_HELP, NULL, &wrapped);
}
