/*
 * Counts by address as text: llvm-profgen's unsymbolized profiles
 * (--skip-symbolization writes them, --unsymbolized-profile reads them), and those that
 * create_llvm_prof takes with --profiler=text and simpleperf inject writes, which also have
 * a list of sampled addresses.  Their addresses are of a module without a name: profile_place gives
 * it one.
 */
#include <inttypes.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/text_file.h"
#include "analyzer/read/text_profile.h"
#include "include/pgoshim/raw.h"

struct unsymbolized {
    struct text_file text;
    struct profile *profile;
    uint32_t module;
    uint64_t counters[PGORAW_MAX_COUNTERS];
};

/* llvm-profgen's number for code that is not in the binary. */
#define OUTSIDE_ADDRESS 1

/* FROM-TO:COUNT is a range, FROM->TO:COUNT a branch, AT:COUNT a sampled address. */
enum list_kind { ENTRY_RANGE, ENTRY_BRANCH, ENTRY_SAMPLE };

static const char *const entry_forms[] = {"START-END:COUNT", "FROM->TO:COUNT", "ADDRESS:COUNT"};

static bool take_entry(struct unsymbolized *file, enum list_kind kind, struct trace *trace)
{
    char *text = file->text.line;
    uint64_t from = 0;
    uint64_t to;
    bool fits = text_take_hex(&text, &to);
    if (fits && kind != ENTRY_SAMPLE) {
        from = to;
        fits = text_take_character(&text, '-') &&
               (kind == ENTRY_RANGE || text_take_character(&text, '>')) &&
               text_take_hex(&text, &to);
    }
    fits = fits && text_take_character(&text, ':') && text_take_number(&text, &trace->count) &&
           text_is_over(text);
    if (!fits)
        return text_garbled(&file->text, "expected %s, found '%s'", entry_forms[kind],
                            file->text.line);
    if ((from | to) > PGORAW_ADDRESS_MASK)
        return text_garbled(&file->text, "an address has more than %d bits", PGORAW_ADDRESS_BITS);
    if (kind == ENTRY_RANGE) {
        if (to < from)
            return text_garbled(&file->text, "a range that ends before it starts");
        trace->has_range = true;
        trace->end = to;
        to = from;
    } else if (kind == ENTRY_BRANCH) {
        bool is_outside = from == OUTSIDE_ADDRESS;
        trace->from = (struct location){is_outside ? PROFILE_MODULE_OUTSIDE : file->module,
                                        is_outside ? 0 : from};
    }
    trace->to = (struct location){file->module, to};
    return true;
}

/* How many entries come: a number alone in its line. */
static bool take_header(struct unsymbolized *file, uint64_t *count)
{
    char *text = file->text.line;
    return (text_take_number(&text, count) && text_is_over(text)) ||
           text_garbled(&file->text, "expected how many entries follow, found '%s'",
                        file->text.line);
}

/*
 * Reads `count` entries after the present line.  `is_second`: the list after the
 * ranges, which tells by its first entry whether it is of samples or branches.
 */
static bool read_list(struct unsymbolized *file, uint64_t count, bool is_second,
                      enum list_kind *kind)
{
    for (uint64_t i = 0; i < count; i++) {
        struct trace trace = {.from = {PROFILE_MODULE_NONE, 0}};
        if (!text_next_filled(&file->text))
            return !file->text.failed &&
                   text_garbled(&file->text,
                                "the file ends after %" PRIu64 " of %" PRIu64 " entries", i, count);
        if (i == 0 && is_second && !strchr(file->text.line, '-'))
            *kind = ENTRY_SAMPLE;
        if (!take_entry(file, *kind, &trace) ||
            !profile_add_trace(file->profile, &trace, file->text.error))
            return false;
        if (*kind != ENTRY_RANGE) {
            unsigned counter = *kind == ENTRY_SAMPLE ? PGORAW_COUNT_SAMPLES : PGORAW_COUNT_BRANCHES;
            file->counters[counter] = count_add(file->counters[counter], trace.count);
        }
    }
    return true;
}

/* simpleperf inject names the binary and its build-id after the lists. */
static bool is_about_binary(const char *line)
{
    return strncmp(line, "//", 2) == 0;
}

static bool read_lists(struct unsymbolized *file)
{
    enum list_kind kind = ENTRY_RANGE;
    uint64_t count;
    bool has_ended = false;
    for (unsigned list = 0; text_next_filled(&file->text); list++) {
        has_ended = has_ended || is_about_binary(file->text.line);
        if (is_about_binary(file->text.line))
            continue;
        if (has_ended)
            return text_garbled(&file->text, "another binary begins there: write each to a file of "
                                             "its own (simpleperf inject --binary NAME)");
        bool is_last = list > 0 && kind == ENTRY_BRANCH && count > 0;
        if (list == 3 || is_last)
            return text_garbled(&file->text, "expected the end of the file, found '%s'",
                                file->text.line);
        if (list > 0)
            kind = ENTRY_BRANCH;
        if (!take_header(file, &count) || !read_list(file, count, list == 1, &kind))
            return false;
    }
    return !file->text.failed;
}

static bool read_unsymbolized(const char *path, const struct profile_filter *filter,
                              struct profile *into, struct error *error)
{
    (void)filter;
    struct unsymbolized file = {.profile = into};
    bool done = text_open(&file.text, path, error) &&
                profile_add_unnamed(into, &file.module, error) && read_lists(&file) &&
                profile_add_text_recording(into, path, NULL, "ranges and branches as text",
                                           file.counters, error);
    text_close(&file.text);
    return done;
}

static bool is_number(const char *line)
{
    return *line != '\0' && line[strspn(line, "0123456789")] == '\0';
}

static bool fits(const struct file_head *head)
{
    return is_number(head->first) && *head->second != '\t' &&
           (*head->second == '\0' || is_number(head->second) ||
            strspn(head->second, "0123456789abcdefABCDEFx->:") == strlen(head->second));
}

const struct reader reader_unsymbolized = {
    .name = "ranges and branches as text",
    .kind = PROFILE_BY_ADDRESS,
    .fits = fits,
    .read = read_unsymbolized,
};
