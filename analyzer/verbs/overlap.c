/* pgo-analyze overlap: how much two profiles have in common. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/demangle.h"
#include "analyzer/base/help.h"
#include "analyzer/base/options.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/options.h"
#include "analyzer/verbs/pair.h"
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/json_parts.h"

enum { OPTION_AT_LEAST = 256 };

/* Longer names are shown as they are in the binary. */
#define DEMANGLED_MAX 4096

struct overlap_options {
    struct pair pair;
    double at_least; /* percent */
};

static const char documentation[] =
    "Show how much two profiles have in common: as a whole, by function, and by place.\v"
    "Profiles by address are taken for one binary: the recorded program, or what -b or --module "
    "says.  Of profiles by symbol, the overlap is the sum over all edges of the smaller of their "
    "two shares.  Where one of the two is an LLVM sample profile, the figures are those of "
    "llvm-profdata overlap --sample.\n\n"
    "Examples:\n"
    "  pgo-analyze overlap monday.pgoraw tuesday.pgoraw\n"
    "  pgo-analyze overlap -b ./app app.pgoraw exact.fdata\n"
    "  pgo-analyze overlap --at-least 90 old.prof new.prof || echo record again\n\n"
    "Exit status: 0 done, 1 the profiles have less in common than --at-least asks or have no "
    "samples, 2 wrong usage, 3 a file or the system does not allow it.";

static const struct argp_option options[] = {
    {"at-least", OPTION_AT_LEAST, "PERCENT", 0, "Exit with 1 where the overlap is less", 0},
    {0},
};

static const struct argp_child children[] = {
    {&option_binary, 0, NULL, 0},
    {&option_module, 0, NULL, 0},
    {&option_top, 0, NULL, 0},
    {&option_json, 0, NULL, 0},
    {&option_no_demangle, 0, NULL, 0},
    {&option_quiet, 0, NULL, 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct overlap_options *arguments = state->input;
    if (key != OPTION_AT_LEAST)
        return pair_parse(&arguments->pair, key, value, children, state);
    arguments->at_least = option_percent(value, "--at-least", 0, 100, state);
    return 0;
}

static double percent_of(uint64_t part, uint64_t whole)
{
    return 100 * overlap_share(part, whole);
}

/* --- text ------------------------------------------------------------------------------ */

static void print_counts(const char *what, const struct overlap_counts *counts)
{
    char both[32], first[32], second[32];
    char text[160];
    size_t any = counts->both + counts->first_only + counts->second_only;
    snprintf(text, sizeof(text), "%.3f %%: %s in both, %s only in the first, %s only in the second",
             percent_of(counts->both, any), text_count(counts->both, both),
             text_count(counts->first_only, first), text_count(counts->second_only, second));
    print_fact(stdout, what, text);
}

static void print_totals(const struct overlap *overlap)
{
    char first[32], second[32];
    char text[160];
    snprintf(text, sizeof(text), "%.3f %%", 100 * overlap->similarity);
    print_fact(stdout, overlap->by_line ? "similarity" : "overlap", text);
    snprintf(text, sizeof(text), "%.3f %% of the larger count of each place",
             percent_of(overlap->common_count, overlap->any_count));
    print_fact(stdout, "in common", text);
    snprintf(text, sizeof(text), "%.3f %% only in the first, %.3f %% only in the second",
             percent_of(overlap->first_only, overlap->first_total),
             percent_of(overlap->second_only, overlap->second_total));
    print_fact(stdout, "unique", text);
    snprintf(text, sizeof(text), "%s in the first, %s in the second",
             text_count(overlap->first_total, first), text_count(overlap->second_total, second));
    print_fact(stdout, "counts", text);
    print_counts("functions", &overlap->functions);
    if (overlap->by_line)
        print_counts("  hot", &overlap->hot_functions);
    print_counts("places", &overlap->places);
    if (overlap->by_line)
        print_counts("  hot", &overlap->hot_places);
}

#define NUMBERS_COLUMNS 43 /* what stands before the names of functions */

/* Behind the names of local functions comes a slash and which of that name it is. */
static void print_name(const char *name, bool demangled, size_t indent)
{
    char plain[DEMANGLED_MAX], text[DEMANGLED_MAX], whole[2 * DEMANGLED_MAX];
    size_t size = strcspn(name, "/");
    if (demangled && size < sizeof(plain)) {
        memcpy(plain, name, size);
        plain[size] = '\0';
        snprintf(whole, sizeof(whole), "%s%s", demangle_name(plain, text, sizeof(text)),
                 name + size);
        name = whole;
    }
    text_print_name(stdout, name, indent);
    fputc('\n', stdout);
}

static void print_functions(const struct overlap *overlap, size_t top, bool demangled)
{
    if (overlap->count == 0 || top == 0)
        return;
    bool is_narrow = terminal_width(stdout) < NUMBERS_COLUMNS + 20; /* names have their own lines */
    const char *indent = is_narrow ? " " : "  ";
    printf("\nFunctions whose shares differ most\n%s%8s %8s %9s %11s%s\n", indent, "first",
           "second", "change", "similarity", is_narrow ? "" : "  function");
    for (size_t i = 0; i < overlap->count && i < top; i++) {
        const struct overlap_function *function = &overlap->items[i];
        if (is_narrow)
            print_name(function->name, demangled, 0);
        printf("%s%7.2f%% %7.2f%% %+8.2f%% %10.2f%%%s", indent, 100 * function->first_share,
               100 * function->second_share, 100 * (function->second_share - function->first_share),
               100 * function->similarity, is_narrow ? "\n" : "  ");
        if (!is_narrow)
            print_name(function->name, demangled, NUMBERS_COLUMNS);
    }
}

/* --- JSON ------------------------------------------------------------------------------- */

static json_t *json_counts(const struct overlap_counts *counts)
{
    json_t *object = json_object();
    json_object_set_new(object, "both", json_number(counts->both));
    json_object_set_new(object, "first_only", json_number(counts->first_only));
    json_object_set_new(object, "second_only", json_number(counts->second_only));
    return object;
}

static json_t *json_functions(const struct overlap *overlap, size_t top)
{
    json_t *array = json_array();
    for (size_t i = 0; i < overlap->count && i < top; i++) {
        const struct overlap_function *function = &overlap->items[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_text(function->name));
        json_object_set_new(object, "first_count", json_number(function->first_count));
        json_object_set_new(object, "second_count", json_number(function->second_count));
        json_object_set_new(object, "first_percent", json_real(100 * function->first_share));
        json_object_set_new(object, "second_percent", json_real(100 * function->second_share));
        json_object_set_new(object, "similarity_percent", json_real(100 * function->similarity));
        json_object_set_new(object, "in_common_percent",
                            json_real(percent_of(function->common_count, function->any_count)));
        json_object_set_new(object, "first_only_percent",
                            json_real(percent_of(function->first_only, function->first_count)));
        json_object_set_new(object, "second_only_percent",
                            json_real(percent_of(function->second_only, function->second_count)));
        json_array_append_new(array, object);
    }
    return array;
}

static void print_json(const struct overlap *overlap, size_t top)
{
    json_t *object = json_versioned();
    json_object_set_new(object, overlap->by_line ? "similarity_percent" : "overlap_percent",
                        json_real(100 * overlap->similarity));
    json_object_set_new(object, "in_common_percent",
                        json_real(percent_of(overlap->common_count, overlap->any_count)));
    json_object_set_new(object, "first_only_percent",
                        json_real(percent_of(overlap->first_only, overlap->first_total)));
    json_object_set_new(object, "second_only_percent",
                        json_real(percent_of(overlap->second_only, overlap->second_total)));
    json_object_set_new(object, "first_total", json_number(overlap->first_total));
    json_object_set_new(object, "second_total", json_number(overlap->second_total));
    json_object_set_new(object, "functions", json_counts(&overlap->functions));
    json_object_set_new(object, "places", json_counts(&overlap->places));
    if (overlap->by_line) {
        json_object_set_new(object, "hot_functions", json_counts(&overlap->hot_functions));
        json_object_set_new(object, "hot_places", json_counts(&overlap->hot_places));
    }
    json_object_set_new(object, "top", json_functions(overlap, top));
    json_dumpf(object, stdout, JSON_INDENT(2)); /* the caller looks at the stream */
    fputc('\n', stdout);
    json_decref(object);
}

/* --- the verb ------------------------------------------------------------------------------ */

static bool compare(struct overlap_options *arguments, double *found, struct error *error)
{
    struct overlap overlap = {0};
    bool done =
        pair_read(&arguments->pair, error) && pair_overlap(&arguments->pair, &overlap, error);
    if (done) {
        *found = 100 * overlap.similarity;
        if (arguments->pair.options.json) {
            print_json(&overlap, arguments->pair.options.top);
        } else {
            print_totals(&overlap);
            print_functions(&overlap, arguments->pair.options.top,
                            !arguments->pair.options.is_mangled);
        }
    }
    overlap_free(&overlap);
    pair_free(&arguments->pair);
    return done;
}

int verb_overlap(int argc, char **argv)
{
    static const struct argp parser = {
        options, parse_option, "FIRST SECOND", documentation, children, NULL, NULL};
    struct overlap_options arguments = {.pair.options.top = 10};
    struct error *error = &arguments.pair.options.error;
    double found = 0;
    if (help_argp_parse(&parser, argc, argv, &arguments) != 0 ||
        !compare(&arguments, &found, error))
        return verb_failed(error);
    return found < arguments.at_least ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}
