/* pgo-analyze diff: what got hotter or colder from one profile to another. */
#include <argp.h>
#include <math.h>
#include <stdlib.h>

#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "analyzer/model/compare/differences.h"
#include "analyzer/verbs/choose.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/pair.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/json_parts.h"
#include "include/pgoshim/raw.h"

/*
 * Counts that one sample makes, where a profile does not tell how many it had:
 * a hardware branch stack has 32 entries, and a branch has several lines after it.
 */
#define EDGES_A_SAMPLE 32.0
#define LINES_A_SAMPLE 100.0

struct diff_options {
    struct pair pair;
    bool with_places;
};

static const char documentation[] =
    "Show what got hotter or colder from one profile to another, as shares of each.\v"
    "Of two profiles by address, functions are compared by their samples, in all modules or in "
    "that of -b or --module; others, and places with -v, by the counts of edges or source lines.  "
    "A change that is less than three standard errors, as samples vary from run to run, is marked "
    "with ~: it may be chance.\n\n"
    "Examples:\n"
    "  pgo-analyze diff before.pgoraw after.pgoraw\n"
    "  pgo-analyze diff -v -b ./app before.pgoraw after.pgoraw\n"
    "  pgo-analyze diff --json old.prof new.prof | jq '.functions[0]'\n\n" VERBS_EXIT_STATUS;

static const struct argp_option options[] = {
    {"verbose", 'v', NULL, 0, "Say more: branches or source lines as well", 0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0}, {&option_module, 0, NULL, 0}, {&option_top, 0, NULL, 0},
    {&option_json, 0, NULL, 0},   {&option_quiet, 0, NULL, 0},  {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct diff_options *arguments = state->input;
    if (key != 'v')
        return pair_parse(&arguments->pair, key, value, children, state);
    arguments->with_places = true;
    return 0;
}

/* --- what differs ---------------------------------------------------------------------------- */

static bool check_totals(const struct differences *differences, const struct pair *pair,
                         struct error *error)
{
    if (differences->first_total > 0 && differences->second_total > 0)
        return true;
    error_set(error, ERROR_NO_SAMPLES, pair->paths[differences->first_total > 0], NULL);
    return false;
}

/* Functions or places of a pair that was read; shares of a profile's own observations. */
static bool compare_pair(const struct pair *pair, bool is_places, struct differences *differences,
                         struct error *error)
{
    bool by_line = pair->kind == PROFILE_BY_LINE;
    double counts = by_line ? LINES_A_SAMPLE : EDGES_A_SAMPLE;
    bool done = by_line ? differences_of_lines(differences, &pair->lines[0], &pair->lines[1],
                                               is_places, error)
                        : differences_of_symbols(differences, &pair->symbols[0], &pair->symbols[1],
                                                 is_places, error);
    if (!done || !check_totals(differences, pair, error))
        return false;
    if (!by_line && pair->symbols[0].is_sampled)
        counts = 1;
    differences->first_observations = pair->observations[0]
                                          ? (double)pair->observations[0]
                                          : (double)differences->first_total / counts;
    differences->second_observations = pair->observations[1]
                                           ? (double)pair->observations[1]
                                           : (double)differences->second_total / counts;
    differences_finish(differences);
    return true;
}

/* The samples of one profile by address, and the module that is meant. */
static struct profile *read_samples(const struct pair *pair, unsigned which, uint32_t *module,
                                    struct error *error)
{
    struct input input = {pair->paths[which], 1};
    struct inputs inputs = {.items = &input, .count = 1, .capacity = 1};
    struct binary *binary = pair->options.binary ? binary_open(pair->options.binary, error) : NULL;
    struct profile *profile = NULL;
    bool done = binary || !pair->options.binary;
    *module = PROFILE_MODULE_NONE;
    if (done)
        profile = inputs_read(&inputs, binary, error);
    done = profile && inputs_check_samples(&inputs, profile, error) &&
           (!binary || verb_translate_rewritten(&profile, binary, error)) &&
           (!binary || binary_find_module(binary, profile, module, error)) &&
           (!pair->options.module ||
            profile_find_module(profile, pair->options.module, module, error));
    binary_free(binary);
    if (done)
        return profile;
    profile_free(profile);
    return NULL;
}

/* Whether it tells which addresses were sampled: text of ranges and branches does not. */
static bool has_samples(const struct profile *profile)
{
    for (size_t i = 0; i < profile->recording_count; i++) {
        if (profile->recordings[i].counters[PGORAW_COUNT_SAMPLES] > 0)
            return true;
    }
    return false;
}

/* *by_samples: both have samples; nothing is compared where they do not. */
static bool compare_samples(const struct pair *pair, struct differences *differences,
                            bool *by_samples, struct error *error)
{
    uint32_t modules[2];
    struct profile *first = read_samples(pair, 0, &modules[0], error);
    struct profile *second = first ? read_samples(pair, 1, &modules[1], error) : NULL;
    bool done = second != NULL;
    *by_samples = second && has_samples(first) && has_samples(second);
    if (*by_samples)
        done = differences_of_samples(differences, first, modules[0], second, modules[1], error) &&
               check_totals(differences, pair, error);
    if (done && *by_samples) {
        differences->first_observations = (double)differences->first_total;
        differences->second_observations = (double)differences->second_total;
        differences_finish(differences);
    }
    profile_free(first);
    profile_free(second);
    return done;
}

/* --- output --------------------------------------------------------------------------------------
 */

static bool is_chance(const struct difference *item)
{
    return fabs(item->errors) < DIFFERENCE_CHANCE;
}

static void print_list(const char *heading, const struct differences *differences, size_t top)
{
    size_t shown = 0;
    char first[32], second[32];
    printf("%s, of %s counts and %s\n  %8s %8s %9s\n", heading,
           text_count(differences->first_total, first),
           text_count(differences->second_total, second), "first", "second", "change");
    for (size_t i = 0; i < differences->count && shown < top; i++) {
        const struct difference *item = &differences->items[i];
        if (item->first_share == item->second_share)
            break;
        printf("  %7.2f%% %7.2f%% %+8.2f%% %c ", 100 * item->first_share, 100 * item->second_share,
               100 * (item->second_share - item->first_share), is_chance(item) ? '~' : ' ');
        text_print_name(stdout, item->name, 32);
        fputc('\n', stdout);
        shown++;
    }
    if (shown == 0)
        puts("  nothing differs");
}

static json_t *json_list(const struct differences *differences, size_t top)
{
    json_t *array = json_array();
    for (size_t i = 0; i < differences->count && i < top; i++) {
        const struct difference *item = &differences->items[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_text(item->name));
        json_object_set_new(object, "first_count", json_number(item->first_count));
        json_object_set_new(object, "second_count", json_number(item->second_count));
        json_object_set_new(object, "first_percent", json_real(100 * item->first_share));
        json_object_set_new(object, "second_percent", json_real(100 * item->second_share));
        json_object_set_new(object, "standard_errors", json_real(item->errors));
        json_object_set_new(object, "may_be_chance", json_boolean(is_chance(item)));
        json_array_append_new(array, object);
    }
    return array;
}

static bool compare(struct diff_options *arguments, struct error *error)
{
    struct pair *pair = &arguments->pair;
    struct differences functions = {0};
    struct differences places = {0};
    bool by_samples = profile_kind_of(pair->paths[0]) == PROFILE_BY_ADDRESS &&
                      profile_kind_of(pair->paths[1]) == PROFILE_BY_ADDRESS;
    bool done = !by_samples || compare_samples(pair, &functions, &by_samples, error);
    if (done && (!by_samples || arguments->with_places))
        done = pair_read(pair, error) &&
               (by_samples || compare_pair(pair, false, &functions, error)) &&
               (!arguments->with_places || compare_pair(pair, true, &places, error));
    if (done && arguments->pair.options.json) {
        json_t *object = json_versioned();
        json_object_set_new(object, "functions",
                            json_list(&functions, arguments->pair.options.top));
        if (arguments->with_places)
            json_object_set_new(object, "places", json_list(&places, arguments->pair.options.top));
        json_dumpf(object, stdout, JSON_INDENT(2)); /* the caller looks at the stream */
        fputc('\n', stdout);
        json_decref(object);
    } else if (done) {
        print_list("Functions", &functions, arguments->pair.options.top);
        if (arguments->with_places) {
            fputc('\n', stdout);
            print_list(pair->kind == PROFILE_BY_LINE ? "Lines" : "Branches and fall-throughs",
                       &places, arguments->pair.options.top);
        }
    }
    differences_free(&functions);
    differences_free(&places);
    pair_free(pair);
    return done;
}

int verb_diff(int argc, char **argv)
{
    static const struct argp parser = {
        options, parse_option, "FIRST SECOND", documentation, children, NULL, NULL};
    struct diff_options arguments = {.pair.options = {.top = 10, .least_top = 1}};
    struct error *error = &arguments.pair.options.error;
    if (help_argp_parse(&parser, argc, argv, &arguments) != 0 || !compare(&arguments, error))
        return verb_failed(error);
    return EXIT_STATUS_DONE;
}
