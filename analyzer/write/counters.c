#include "analyzer/write/counters.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "analyzer/model/debug/compilation.h"

/* More of what ran than this is worth a warning. */
#define MUCH_UNMAPPED 0.02
#define MUCH_UNKNOWN 0.5

static double percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100 * (double)part / (double)whole : 0;
}

static void tell_details(const struct counter_statistics *statistics)
{
    const uint64_t *blocks = statistics->blocks;
    uint64_t all = 0;
    for (size_t i = 0; i < WEIGHT_SOURCES; i++)
        all += blocks[i];
    message_detail("%" PRIu64 " functions in the dumps: %" PRIu64 " with counts, %" PRIu64
                   " without, %" PRIu64 " not written, with hardly a sample, %" PRIu64 " left out",
                   statistics->functions, statistics->counted, statistics->without_counts,
                   statistics->weak, statistics->unmapped);
    message_detail(
        "of %" PRIu64 " blocks with counts: %.1f%% by positions of their own, %.1f%% by "
        "shared ones, %.1f%% by calls, %.1f%% by what is around them",
        all, percent(blocks[WEIGHT_OWN], all), percent(blocks[WEIGHT_SHARED], all),
        percent(blocks[WEIGHT_OUTLINED] + blocks[WEIGHT_ENTRIES] + blocks[WEIGHT_CALLERS], all),
        percent(blocks[WEIGHT_UNKNOWN] + blocks[WEIGHT_LOST_CALL], all));
    message_detail("%" PRIu64 " of %" PRIu64 " indirect calls that ran have targets, %" PRIu64
                   " of them those of merged calls",
                   statistics->sites_with_targets, statistics->sites,
                   statistics->sites_with_merged);
    message_detail("%.1f%% of what ran is in functions of the dumps; counts differ from what was "
                   "seen by %.1f%%",
                   percent(statistics->ran_in_dumps, statistics->ran),
                   percent(statistics->residual.off, statistics->residual.all));
}

static void warn(const struct counter_statistics *statistics, const char *directory)
{
    if (statistics->unmapped > 0 &&
        (double)statistics->ran_unmapped > MUCH_UNMAPPED * (double)statistics->ran)
        message_warning("%s: %" PRIu64 " functions with %.1f%% of what ran have no source lines "
                        "that fit: they are left out of the profile",
                        directory, statistics->unmapped,
                        percent(statistics->ran_unmapped, statistics->ran));
    if ((double)statistics->ran_in_dumps < MUCH_UNKNOWN * (double)statistics->ran)
        message_warning("%s: only %.1f%% of what ran is in functions that it has", directory,
                        percent(statistics->ran_in_dumps, statistics->ran));
}

/* The binary's compiler of which no producer of the dumps is; NULL: there is none. */
static const char *other_compiler(const struct compilation *compilation,
                                  const struct names *producers)
{
    const char *other = NULL;
    for (size_t i = 0; i < COMPILERS; i++) {
        const char *producer = compilation->parts[i].producer;
        if (compilation->parts[i].code_size == 0)
            continue;
        for (size_t j = 0; j < producers->count; j++) {
            if (strncmp(producer, producers->items[j], strlen(producers->items[j])) == 0)
                return NULL;
        }
        if (!other || i != COMPILER_OTHER)
            other = producer;
    }
    return producers->count > 0 ? other : NULL;
}

static bool warn_of_compilers(const struct counter_profile *counters,
                              const struct writer_input *input, struct error *error)
{
    const struct ir_compilers *compilers = &counters->program.compilers;
    struct compilation compilation = {0};
    bool done = compilation_read(&compilation, input->binary, error);
    const char *other = done ? other_compiler(&compilation, &compilers->producers) : NULL;
    if (other)
        message_warning("%s: the dumps are by \"%s\", and %s by \"%s\": the compiler that is to "
                        "use the profile has to make the dumps",
                        input->ir_directory, compilers->producers.items[0],
                        binary_path(input->binary), other);
    if (compilers->units > 0 && compilers->optimised_units == 0)
        message_warning("%s: the dumps were made without optimisation: make them with the flags "
                        "of the release",
                        input->ir_directory);
    compilation_free(&compilation);
    return done;
}

bool counters_build_input(struct counter_profile *counters, const struct writer_input *input,
                          struct error *error)
{
    *counters = (struct counter_profile){0};
    if (!input->ir_directory) {
        error_set(error, ERROR_USAGE, "--ir",
                  "this format needs the directory of the compiler's dumps");
        return false;
    }
    struct error another = {0};
    bool done = counter_profile_build(counters, input->profile, input->module, input->binary,
                                      input->ir_directory, error);
    /* Also where the dumps do not fit: it may be why. */
    if (!warn_of_compilers(counters, input, &another) && done) {
        *error = another;
        return false;
    }
    if (!done)
        return false;
    tell_details(&counters->statistics);
    warn(&counters->statistics, input->ir_directory);
    return true;
}

size_t counter_record_kinds(const struct counter_profile *counters,
                            const struct counter_record *record)
{
    const struct counter_site *sites = &counters->sites[record->first_site];
    size_t kinds = 0;
    for (size_t i = 0; i < record->site_count; i++)
        kinds += i == 0 || sites[i].kind != sites[i - 1].kind;
    return kinds;
}
