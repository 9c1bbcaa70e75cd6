/*
 * GCC's AutoFDO profile, for gcc -fauto-profile: names, then functions with
 * their places, call targets and what was inlined into them.  The layout is that
 * of gcc/auto-profile.cc and of google/autofdo's profile_writer.cc.  In version
 * 2 (gcc 12 and later) strings are as long as they are, in version 1 they are
 * padded to words; the lengths of sections count bytes and words likewise.
 * Numbers are words of 4 bytes, counts are two, the lower one first.  Version 3 (profile_writer.cc
 * since 2026) begins with a summary, names have the number of their source file, functions the
 * time when they first ran.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/model/samples/sample_summary.h"
#include "analyzer/write/formats.h"

#define MAGIC 0x67636461 /* "gcda" */
#define TAG_SUMMARY 0xa8000000
#define TAG_NAMES 0xaa000000
#define TAG_FUNCTIONS 0xac000000
#define TAG_MODULES 0xae000000
#define TAG_WORKING_SET 0xaf000000

#define WORD 4
#define WORKING_SETS 128    /* the hottest 1/128, 2/128 … of all that was counted */
#define PLACES_PER_BLOCK 10 /* by which AutoFDO makes blocks of places */
#define TARGETS_OF_CALL 7   /* the kind of a histogram: functions that were called */
#define LARGEST_PLACE 0xffff
#define NO_FILE UINT32_MAX /* of a name: none is known */

struct output {
    FILE *stream;
    unsigned version;
    const char **names; /* sorted; the empty one first */
    size_t name_count, name_capacity;
    struct sample_summary summary;
};

static void put_word(FILE *stream, uint32_t number)
{
    number = htole32(number);
    fwrite(&number, sizeof(number), 1, stream);
}

static void put_count(FILE *stream, uint64_t count)
{
    put_word(stream, (uint32_t)count);
    put_word(stream, (uint32_t)(count >> 32));
}

/* --- what is in the profile ------------------------------------------------------------- */

static bool add_name(struct output *output, const char *name, struct error *error)
{
    if (!memory_reserve(&output->names, &output->name_capacity, output->name_count + 1,
                        sizeof(char *), error))
        return false;
    output->names[output->name_count++] = name;
    return true;
}

static bool add_function(struct output *output, const struct sample_function *function,
                         struct error *error)
{
    if (function->name && !add_name(output, function->name, error))
        return false;
    for (size_t i = 0; i < function->record_count; i++) {
        const struct sample_record *record = &function->records[i];
        for (size_t k = 0; k < record->target_count; k++) {
            if (!add_name(output, record->targets[k].function, error))
                return false;
        }
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        if (!add_function(output, function->inlined[i], error))
            return false;
    }
    return true;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool collect(struct output *output, const struct sample_function *top, struct error *error)
{
    size_t kept = 0;
    if (!add_name(output, "", error) || !add_function(output, top, error))
        return false;
    qsort((void *)output->names, output->name_count, sizeof(char *), compare_names);
    for (size_t i = 1; i < output->name_count; i++) {
        if (strcmp(output->names[kept], output->names[i]) != 0)
            output->names[++kept] = output->names[i];
    }
    output->name_count = kept + 1;
    return true;
}

static uint32_t name_number(const struct output *output, const char *name)
{
    const char **found =
        bsearch(&name, (void *)output->names, output->name_count, sizeof(char *), compare_names);
    return (uint32_t)(found - output->names);
}

/* --- sections ----------------------------------------------------------------------------- */

/* A section's bytes are written here first, since its length comes before them. */
static bool put_section(const struct output *output, uint32_t tag,
                        void (*put)(FILE *, const struct output *, const struct sample_function *),
                        const struct sample_function *top, struct error *error)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    bool done = stream != NULL;
    if (stream) {
        put(stream, output, top);
        done = fclose(stream) == 0;
    }
    if (done) {
        put_word(output->stream, tag);
        put_word(output->stream, (uint32_t)(output->version == 1 ? size / WORD : size));
        fwrite(bytes, 1, size, output->stream);
    }
    free(bytes);
    return done || memory_exhausted(error);
}

static void put_names(FILE *stream, const struct output *output, const struct sample_function *top)
{
    static const char padding[WORD];
    (void)top;
    if (output->version == 3)
        put_word(stream, 0); /* no files: a name alone is what is looked for */
    put_word(stream, (uint32_t)output->name_count);
    for (size_t i = 0; i < output->name_count; i++) {
        size_t size = strlen(output->names[i]) + 1;
        size_t rest = output->version == 1 ? (WORD - size % WORD) % WORD : 0;
        put_word(stream, (uint32_t)(output->version == 1 ? (size + rest) / WORD : size));
        fwrite(output->names[i], size, 1, stream);
        fwrite(padding, rest, 1, stream);
        if (output->version == 3)
            put_word(stream, NO_FILE);
    }
}

static void put_place(FILE *stream, struct sample_place place)
{
    uint32_t discriminator =
        place.discriminator < LARGEST_PLACE ? place.discriminator : LARGEST_PLACE;
    put_word(stream, place.line_offset << 16 | discriminator);
}

static void put_body(FILE *stream, const struct output *output,
                     const struct sample_function *function)
{
    put_word(stream, name_number(output, function->name));
    put_word(stream, (uint32_t)function->record_count);
    put_word(stream, (uint32_t)function->inlined_count);
    for (size_t i = 0; i < function->record_count; i++) {
        const struct sample_record *record = &function->records[i];
        put_place(stream, record->place);
        put_word(stream, (uint32_t)record->target_count);
        put_count(stream, record->count);
        for (size_t k = 0; k < record->target_count; k++) {
            put_word(stream, TARGETS_OF_CALL);
            put_count(stream, name_number(output, record->targets[k].function));
            put_count(stream, record->targets[k].count);
        }
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        put_place(stream, function->inlined[i]->call);
        put_body(stream, output, function->inlined[i]);
    }
}

static void put_functions(FILE *stream, const struct output *output,
                          const struct sample_function *top)
{
    put_word(stream, (uint32_t)top->inlined_count);
    for (size_t i = 0; i < top->inlined_count; i++) {
        put_count(stream, top->inlined[i]->head);
        if (output->version == 3)
            put_count(stream, 0); /* when it first ran is not known */
        put_body(stream, output, top->inlined[i]);
    }
}

/* How many counts, and which, make up each share of all: the only section without a length. */
static void put_summary(const struct output *output)
{
    const struct sample_summary *summary = &output->summary;
    FILE *stream = output->stream;
    put_word(stream, TAG_SUMMARY);
    put_count(stream, summary->total);
    put_count(stream, summary->count_count > 0 ? summary->counts[0] : 0);
    put_count(stream, summary->largest_head);
    put_count(stream, summary->count_count);
    put_count(stream, summary->function_count);
    put_count(stream, SAMPLE_CUTOFFS);
    for (size_t i = 0; i < SAMPLE_CUTOFFS; i++) {
        struct sample_cutoff cutoff = sample_summary_cutoff(summary, sample_cutoffs[i]);
        put_word(stream, sample_cutoffs[i]);
        put_count(stream, cutoff.smallest);
        put_count(stream, cutoff.places);
    }
}

/* None: they belonged to a compiler that optimised several source files at a time. */
static void put_modules(FILE *stream, const struct output *output,
                        const struct sample_function *top)
{
    (void)output;
    (void)top;
    put_word(stream, 0);
}

/* How many places make up each share of the counts, and the smallest count among them. */
static void put_working_set(FILE *stream, const struct output *output,
                            const struct sample_function *top)
{
    const struct sample_summary *summary = &output->summary;
    unsigned __int128 all = 0;
    unsigned __int128 sum = 0;
    size_t seen = 0;
    (void)top;
    for (size_t i = 0; i < summary->count_count; i++)
        all += summary->counts[i];
    for (unsigned i = 1; i <= WORKING_SETS; i++) {
        while (seen < summary->count_count && sum * WORKING_SETS < all * i)
            sum += summary->counts[seen++];
        put_word(stream, (uint32_t)(seen / PLACES_PER_BLOCK));
        put_count(stream, seen > 0 ? summary->counts[seen - 1] : 0);
    }
}

static bool write_version(const struct writer_input *input, unsigned version, FILE *stream,
                          struct error *error)
{
    struct sample_profile samples;
    struct output output = {.stream = stream, .version = version};
    const struct sample_function *top = &samples.top;
    bool done =
        sample_profile_build_gcc(&samples, input->profile, input->module, input->binary, error) &&
        collect(&output, top, error) && sample_summary_build(&output.summary, &samples, error);
    if (done) {
        put_word(stream, MAGIC);
        put_word(stream, version);
        put_word(stream, 0);
        if (version == 3)
            put_summary(&output);
        done = put_section(&output, TAG_NAMES, put_names, top, error) &&
               put_section(&output, TAG_FUNCTIONS, put_functions, top, error) &&
               put_section(&output, TAG_MODULES, put_modules, top, error) &&
               put_section(&output, TAG_WORKING_SET, put_working_set, top, error);
    }
    if (done)
        address_accounts_tell(&samples.accounts);
    free((void *)output.names);
    sample_summary_free(&output.summary);
    sample_profile_free(&samples);
    return done;
}

static bool write_gcov(const struct writer_input *input, FILE *stream, struct error *error)
{
    return write_version(input, 2, stream, error);
}

static bool write_gcov_3(const struct writer_input *input, FILE *stream, struct error *error)
{
    return write_version(input, 3, stream, error);
}

static bool write_gcov_1(const struct writer_input *input, FILE *stream, struct error *error)
{
    return write_version(input, 1, stream, error);
}

const struct writer writer_gcov = {
    .name = "gcov",
    .suffix = "afdo",
    .description = "sample profile by source line for gcc -fauto-profile, from gcc 12 on",
    .needs_binary = true,
    .wants_executions = true,
    .write = write_gcov,
};

const struct writer writer_gcov_1 = {
    .name = "gcov-1",
    .suffix = "afdo",
    .description = "the same for gcc before 12 and for dump_gcov",
    .needs_binary = true,
    .wants_executions = true,
    .write = write_gcov_1,
};

const struct writer writer_gcov_3 = {
    .name = "gcov-3",
    .suffix = "afdo",
    .description = "the same for compilers that want version 3",
    .needs_binary = true,
    .wants_executions = true,
    .write = write_gcov_3,
};
