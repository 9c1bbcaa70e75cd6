#include "command-line/unknown_option.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command-line/nearest_word.h"

#define OPTIONS_MAX 96
#define NAME_SIZE 64
#define IS_LONG 1 /* what getopt_long returns for all of them */

/* What argp makes of the tables of a parser and its children. */
struct option_list {
    struct option options[OPTIONS_MAX + 1]; /* the names, as getopt_long takes them */
    const char *told[OPTIONS_MAX + 1];      /* those that help shows */
    char letters[3 * OPTIONS_MAX + 8];      /* the short ones, likewise */
    size_t count, told_count, letter_count;
};

/* Any parser has these, and they end the program. */
static const struct argp_option last_options[] = {
    {.name = "help", .key = '?'}, {.name = "usage"}, {.name = "version", .key = 'V'}, {0}};
enum { LAST_OPTIONS = 3 };

static int takes_value(const struct argp_option *option)
{
    if (!option->arg)
        return no_argument;
    return option->flags & OPTION_ARG_OPTIONAL ? optional_argument : required_argument;
}

static void add_letter(struct option_list *list, int letter, int takes)
{
    if (letter <= ' ' || letter > '~' || strchr(list->letters, letter))
        return;
    list->letters[list->letter_count++] = (char)letter;
    for (int i = 0; i < takes; i++) /* none, one or two colons */
        list->letters[list->letter_count++] = ':';
}

static void add_table(struct option_list *list, const struct argp_option *option)
{
    int takes = no_argument;
    for (; option && (option->name || option->key || option->doc); option++) {
        if (option->flags & OPTION_DOC)
            continue;
        if (!(option->flags & OPTION_ALIAS))
            takes = takes_value(option);
        if (list->count == OPTIONS_MAX)
            return;
        add_letter(list, option->key, takes);
        if (!option->name)
            continue;
        list->options[list->count++] = (struct option){option->name, takes, NULL, IS_LONG};
        if (!(option->flags & OPTION_HIDDEN))
            list->told[list->told_count++] = option->name;
    }
}

static void add_parser(struct option_list *list, const struct argp *parser)
{
    add_table(list, parser->options);
    for (const struct argp_child *child = parser->children; child && child->argp; child++)
        add_parser(list, child->argp);
}

static void list_options(struct option_list *list, const struct argp *parser, unsigned flags)
{
    *list = (struct option_list){0};
    if (flags & ARGP_IN_ORDER)
        list->letters[list->letter_count++] = '+';
    add_table(list, last_options);
    add_parser(list, parser);
}

/* Abbreviations are known too, and argp tells of those that are not clear. */
static bool is_known(const struct option_list *list, const char *name, size_t length)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strncmp(list->options[i].name, name, length) == 0)
            return true;
    }
    return false;
}

static void refuse(const struct option_list *list, const char *name, size_t length, char *text,
                   size_t size)
{
    char word[NAME_SIZE];
    snprintf(word, sizeof(word), "%.*s", (int)(length < sizeof(word) ? length : sizeof(word) - 1),
             name);
    for (char *letter = word; *letter; letter++) {
        if (*letter < ' ' || *letter > '~')
            *letter = '?';
    }
    const char *meant = nearest_word(word, list->told);
    if (meant)
        snprintf(text, size, "unknown option '--%s'; did you mean '--%s'?", word, meant);
    else
        snprintf(text, size, "unknown option '--%s'", word);
}

/* Of an unknown long option getopt_long says no more than that optopt is 0. */
static bool find_unknown(const struct option_list *list, int argc, char **argv, char *text,
                         size_t size)
{
    opterr = 0;
    optind = 0; /* begin anew */
    for (;;) {
        int place = LAST_OPTIONS;
        optopt = '?';
        int key = getopt_long(argc, argv, list->letters, list->options, &place);
        if (key == '?' && optopt == 0) {
            const char *name = argv[optind - 1] + 2;
            size_t length = strcspn(name, "=");
            if (is_known(list, name, length))
                return false;
            refuse(list, name, length, text, size);
            return true;
        }
        /* What argp itself tells of, or does at once. */
        if (key == -1 || key == '?' || key == 'V' || (key == IS_LONG && place < LAST_OPTIONS))
            return false;
    }
}

bool unknown_option_find(const struct argp *parser, int argc, char *const *argv, unsigned flags,
                         char *text, size_t size)
{
    struct option_list list;
    char **copy = calloc((size_t)argc + 1, sizeof(*copy)); /* getopt_long moves words */
    bool found = false;
    if (!copy)
        return false;
    memcpy(copy, argv, (size_t)argc * sizeof(*copy));
    list_options(&list, parser, flags);
    found = find_unknown(&list, argc, copy, text, size);
    free(copy);
    return found;
}
