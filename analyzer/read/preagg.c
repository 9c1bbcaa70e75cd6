/*
 * BOLT's pre-aggregated profiles (perf2bolt -pa).  Their addresses are of a module
 * without a name: profile_place gives it one.
 *
 * The records are those of bolt/lib/Profile/DataAggregator.cpp,
 * parseAggregatedLBREntry:
 *
 *   E event                       T|R branch start end count
 *   S address count               B branch target count mispredictions
 *                                 F|f|r start end count
 *
 * F, f and r are ranges whose branch is not known; that of r is a return in another
 * module.  Addresses are hexadecimal, counts decimal.  X:address is in no module that is
 * known, BUILDID:address in that one.
 */
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/text_file.h"
#include "analyzer/read/text_profile.h"
#include "include/pgoshim/raw.h"

struct preagg {
    struct text_file text;
    struct profile *profile;
    uint32_t unnamed; /* number of the module whose addresses have no name before them */
    uint64_t counters[PGORAW_MAX_COUNTERS];
};

static bool fits(const struct file_head *head)
{
    const char *line = head->first;
    return *line && strchr("ETRSBFfr", *line) && line[1] == ' ' && line[2] != '\0';
}

/* The number of the module that has this build-id, in hexadecimal. */
static bool find_build(struct preagg *file, const char *name, size_t size, uint32_t *module)
{
    struct module build = {.path = (char *)"", .build_id_size = (uint32_t)(size / 2)};
    if (size % 2 != 0 || size > 2 * (size_t)PROFILE_BUILD_ID_MAX)
        return text_garbled(&file->text, "'%.*s' is not a build-id", (int)size, name);
    for (size_t i = 0; i < size; i += 2) {
        char pair[3] = {name[i], name[i + 1], '\0'};
        char *text = pair;
        uint64_t byte;
        if (!text_take_hex(&text, &byte) || *text)
            return text_garbled(&file->text, "'%.*s' is not a build-id", (int)size, name);
        build.build_id[i / 2] = (uint8_t)byte;
    }
    return profile_add_module(file->profile, &build, module, file->text.error);
}

static bool take_location(struct preagg *file, char **text, struct location *location)
{
    char *word = text_take_word(text);
    char *colon = word ? strchr(word, ':') : NULL;
    char *digits = colon ? colon + 1 : word;
    *location = (struct location){file->unnamed, 0};
    if (!word || !text_take_hex(&digits, &location->address) || *digits)
        return text_garbled(&file->text, "'%s' is not an address", word ? word : "");
    if (location->address > PGORAW_ADDRESS_MASK)
        return text_garbled(&file->text, "address %s has more than %d bits", word,
                            PGORAW_ADDRESS_BITS);
    if (!colon)
        return true;
    if (colon == word + 1 && *word == 'X') {
        *location = (struct location){PROFILE_MODULE_OUTSIDE, 0};
        return true;
    }
    return find_build(file, word, (size_t)(colon - word), &location->module);
}

static bool take_count(struct preagg *file, char **text, uint64_t *count)
{
    if (text_take_number(text, count) && (**text == ' ' || **text == '\0'))
        return true;
    return text_garbled(&file->text, "expected a count below 2^64 at '%s'", *text);
}

/* The name of perf's event is not kept: counts of all events are added up. */
static bool skip_event(struct preagg *file, char *text)
{
    char *name = text_take_word(&text);
    return (name && text_is_over(text)) ||
           text_garbled(&file->text, "expected the name of an event");
}

/* Sets the range of a trace, where it is in one module. */
static bool set_run(struct preagg *file, struct trace *trace, struct location end)
{
    trace->has_range = trace->to.module != PROFILE_MODULE_OUTSIDE && end.module == trace->to.module;
    if (trace->has_range && end.address < trace->to.address)
        return text_garbled(&file->text, "a range from %#lx back to %#lx",
                            (unsigned long)trace->to.address, (unsigned long)end.address);
    trace->end = trace->has_range ? end.address : 0;
    return true;
}

static bool read_record(struct preagg *file, char kind, char *text)
{
    struct trace trace = {.from = {PROFILE_MODULE_NONE, 0}};
    struct location end = {PROFILE_MODULE_NONE, 0};
    uint64_t mispredictions;
    bool has_branch = kind == 'T' || kind == 'R' || kind == 'B';
    bool has_end = kind != 'S' && kind != 'B';
    if ((has_branch && !take_location(file, &text, &trace.from)) ||
        !take_location(file, &text, &trace.to) || (has_end && !take_location(file, &text, &end)) ||
        !take_count(file, &text, &trace.count) ||
        (kind == 'B' && !take_count(file, &text, &mispredictions)))
        return false;
    if (!text_is_over(text))
        return text_garbled(&file->text, "expected the end of the line at '%s'", text);
    if (has_end && !set_run(file, &trace, end))
        return false;
    if (kind == 'r')
        trace.from = (struct location){PROFILE_MODULE_OUTSIDE, 0};
    unsigned counter = kind == 'S' ? PGORAW_COUNT_SAMPLES : PGORAW_COUNT_BRANCHES;
    if (kind != 'F' && kind != 'f')
        file->counters[counter] = count_add(file->counters[counter], trace.count);
    return profile_add_trace(file->profile, &trace, file->text.error);
}

static bool read_lines(struct preagg *file)
{
    while (text_next_filled(&file->text)) {
        char *text = file->text.line;
        char *kind = text_take_word(&text);
        bool known = kind[1] == '\0' && strchr("ETRSBFfr", *kind);
        if (!known)
            return text_garbled(&file->text,
                                "'%s' is not a record: expected T, R, S, E, B, F, f or r", kind);
        if (*kind == 'E' ? !skip_event(file, text) : !read_record(file, *kind, text))
            return false;
    }
    return !file->text.failed;
}

static bool read_preagg(const char *path, const struct profile_filter *filter, struct profile *into,
                        struct error *error)
{
    (void)filter;
    struct preagg file = {.profile = into};
    bool done =
        text_open(&file.text, path, error) && profile_add_unnamed(into, &file.unnamed, error) &&
        read_lines(&file) &&
        profile_add_text_recording(into, path, NULL, "pre-aggregated text", file.counters, error);
    text_close(&file.text);
    return done;
}

const struct reader reader_preagg = {
    .name = "pre-aggregated text",
    .kind = PROFILE_BY_ADDRESS,
    .fits = fits,
    .read = read_preagg,
};
