#include "analyzer/verbs/pair.h"

#include "analyzer/base/count.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/model/samples/sample_merge.h"
#include "analyzer/model/symbols/symbol_build.h"
#include "analyzer/verbs/choose.h"
#include "include/pgoshim/raw.h"

error_t pair_parse(struct pair *pair, int key, char *value, const struct argp_child *children,
                   struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        verb_options_share(state, children, &pair->options);
        return 0;
    case ARGP_KEY_ARG:
        if (pair->path_count == 2)
            argp_error(state, "two profiles are compared, not more");
        else
            pair->paths[pair->path_count++] = value;
        return 0;
    case ARGP_KEY_END:
        if (pair->path_count < 2)
            argp_error(state, "two profiles are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void pair_free(struct pair *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        symbol_profile_free(&pair->symbols[i]);
        sample_profile_free(&pair->lines[i]);
    }
}

/* The part of a profile by address that is about the binary, as symbols or as lines. */
static bool convert(struct pair *pair, unsigned which, const struct profile *profile,
                    const struct binary *binary, struct error *error)
{
    uint32_t module;
    if (!binary_find_module(binary, profile, &module, error) ||
        !profile_check_addresses(profile, module, binary, error))
        return false;
    if (pair->kind == PROFILE_BY_LINE)
        return sample_profile_build(&pair->lines[which], profile, module, binary, error) &&
               sample_profile_unite(&pair->lines[which], pair->paths[which], error);
    if (!binary_has_symbols(binary)) {
        error_set(error, ERROR_STRIPPED, binary_path(binary), NULL);
        return false;
    }
    struct binaries *binaries = binaries_new(profile, error);
    if (!binaries)
        return false;
    binaries_give(binaries, module, binary);
    bool done = symbol_profile_build(&pair->symbols[which], profile, module, binary, binaries,
                                     INFERENCE_OFF, error);
    binaries_free(binaries);
    return done;
}

/* How many independent observations all counts stand for. */
static uint64_t observations_of(const struct profile *profile)
{
    uint64_t windows = 0;
    for (size_t i = 0; i < profile->recording_count; i++)
        windows = count_add(windows, profile->recordings[i].counters[PGORAW_COUNT_WINDOWS]);
    return windows > 0 ? windows : profile_samples(profile);
}

static bool read_addresses(struct pair *pair, unsigned which, struct error *error)
{
    struct input input = {pair->paths[which], 1};
    struct inputs inputs = {.items = &input, .count = 1, .capacity = 1};
    struct profile *profile = NULL;
    struct binary *binary = pair->options.binary ? binary_open(pair->options.binary, error) : NULL;
    bool done = binary || !pair->options.binary;
    if (done)
        profile = inputs_read(&inputs, binary, error);
    done = profile && inputs_check_samples(&inputs, profile, error) &&
           (!binary || verb_translate_rewritten(&profile, binary, error)) &&
           verb_choose_binary(pair->options.module, input.path, profile, &binary, error) &&
           convert(pair, which, profile, binary, error);
    if (done)
        pair->observations[which] = observations_of(profile);
    profile_free(profile);
    binary_free(binary);
    return done;
}

/* BOLT names local functions of what it rewrote in another way. */
static bool have_the_same_names(const struct pair *pair, struct error *error)
{
    const struct symbol_profile *symbols = pair->symbols;
    unsigned rewritten = symbols[0].is_bolted ? 0 : 1;
    if (symbols[0].count == 0 || symbols[1].count == 0 ||
        symbols[0].is_bolted == symbols[1].is_bolted)
        return true;
    error_set(error, ERROR_PROFILE_KIND, pair->paths[rewritten],
              "it is of a binary that BOLT had rewritten, whose local functions have other names, "
              "and %s is not: compare the recordings, with -b ORIGINAL",
              pair->paths[1 - rewritten]);
    return false;
}

bool pair_read(struct pair *pair, struct error *error)
{
    enum profile_kind kinds[2];
    bool done = true;
    for (unsigned i = 0; i < 2; i++)
        kinds[i] = profile_kind_of(pair->paths[i]);
    pair->kind = kinds[0] == PROFILE_BY_LINE || kinds[1] == PROFILE_BY_LINE ? PROFILE_BY_LINE
                                                                            : PROFILE_BY_SYMBOL;
    for (unsigned i = 0; done && i < 2; i++) {
        if (kinds[i] == PROFILE_BY_ADDRESS) {
            done = read_addresses(pair, i, error);
        } else if (kinds[i] != pair->kind) {
            error_set(error, ERROR_PROFILE_KIND, pair->paths[i],
                      "it has symbols and no source lines, %s the other way round",
                      pair->paths[1 - i]);
            done = false;
        } else if (kinds[i] == PROFILE_BY_SYMBOL) {
            done = symbol_profile_read(pair->paths[i], &pair->symbols[i], error);
        } else {
            done = sample_profile_read(pair->paths[i], &pair->lines[i], error);
        }
        if (done)
            symbol_profile_sort(&pair->symbols[i]);
    }
    return done && have_the_same_names(pair, error);
}

bool pair_overlap(const struct pair *pair, struct overlap *overlap, struct error *error)
{
    return pair->kind == PROFILE_BY_LINE
               ? overlap_lines(overlap, &pair->lines[0], pair->paths[0], &pair->lines[1],
                               pair->paths[1], error)
               : overlap_symbols(overlap, &pair->symbols[0], pair->paths[0], &pair->symbols[1],
                                 pair->paths[1], error);
}
