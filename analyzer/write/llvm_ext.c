/*
 * LLVM's sample profile in its extensible binary form: the same content as
 * llvm-text, which clang reads faster and only where it needs it.  A table of
 * sections, then the sections: summary, names, where each function is, functions
 * and, with probes, their checksums.  Numbers are ULEB128 but for those of the
 * table.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/sample_build.h"
#include "analyzer/write/formats.h"

#define MAGIC UINT64_C(0x5350524f46343204)
#define VERSION 103

enum section_type {
    SECTION_SUMMARY = 1,
    SECTION_NAMES = 2,
    SECTION_OFFSETS = 4,
    SECTION_METADATA = 5,
    SECTION_FUNCTIONS = 32,
};

/* Of the names: some are made by -funique-internal-linkage-names. */
#define FLAG_UNIQUE_SUFFIX (UINT64_C(4) << 32)

/* Of the metadata. */
#define FLAG_BY_PROBES (UINT64_C(1) << 32)

/* Parts per million of all counts that the summary tells the hottest places of. */
static const uint32_t cutoffs[] = {10000,  100000, 200000, 300000, 400000, 500000, 600000, 700000,
                                   800000, 900000, 950000, 990000, 999000, 999900, 999990, 999999};

#define CUTOFFS (sizeof(cutoffs) / sizeof(*cutoffs))

/* What is in the profile, over all functions. */
struct content {
    const char **names; /* sorted, once all are there */
    size_t name_count, name_capacity;
    uint64_t *counts; /* of all lines; the largest first, once all are there */
    size_t count_count, count_capacity;
    uint64_t total, largest_head;
};

static void put_number(FILE *stream, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        fputc((int)(number & 0x7f) | 0x80, stream);
    fputc((int)number, stream);
}

static void put_fixed(FILE *stream, uint64_t number)
{
    number = htole64(number);
    fwrite(&number, sizeof(number), 1, stream);
}

/* --- content ------------------------------------------------------------------------- */

static bool add_name(struct content *content, const char *name, struct error *error)
{
    if (!memory_reserve(&content->names, &content->name_capacity, content->name_count + 1,
                        sizeof(char *), error))
        return false;
    content->names[content->name_count++] = name;
    return true;
}

static bool add_function(struct content *content, const struct sample_function *function,
                         struct error *error)
{
    if (!add_name(content, function->name, error))
        return false;
    for (size_t i = 0; i < function->record_count; i++) {
        const struct sample_record *record = &function->records[i];
        if (!memory_reserve(&content->counts, &content->count_capacity, content->count_count + 1,
                            sizeof(uint64_t), error))
            return false;
        content->counts[content->count_count++] = record->count;
        content->total = count_add(content->total, record->count);
        for (size_t k = 0; k < record->target_count; k++) {
            if (!add_name(content, record->targets[k].function, error))
                return false;
        }
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        if (!add_function(content, function->inlined[i], error))
            return false;
    }
    return true;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int compare_counts(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a > b ? -1 : a < b;
}

static bool collect(struct content *content, const struct sample_function *top, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < top->inlined_count; i++) {
        if (!add_function(content, top->inlined[i], error))
            return false;
        if (content->largest_head < top->inlined[i]->head)
            content->largest_head = top->inlined[i]->head;
    }
    if (content->name_count == 0)
        return true;
    qsort((void *)content->names, content->name_count, sizeof(char *), compare_names);
    for (size_t i = 1; i < content->name_count; i++) {
        if (strcmp(content->names[kept], content->names[i]) != 0)
            content->names[++kept] = content->names[i];
    }
    content->name_count = kept + 1;
    if (content->count_count > 0)
        qsort(content->counts, content->count_count, sizeof(uint64_t), compare_counts);
    return true;
}

/* --- sections ------------------------------------------------------------------------ */

static void put_summary(FILE *stream, const struct content *content, size_t function_count)
{
    unsigned __int128 sum = 0;
    uint64_t smallest = 0;
    size_t seen = 0;
    put_number(stream, content->total);
    put_number(stream, content->count_count > 0 ? content->counts[0] : 0);
    put_number(stream, content->largest_head);
    put_number(stream, content->count_count);
    put_number(stream, function_count);
    put_number(stream, CUTOFFS);
    for (size_t i = 0; i < CUTOFFS; i++) {
        unsigned __int128 wanted = (unsigned __int128)content->total * cutoffs[i] / 1000000;
        while (sum < wanted && seen < content->count_count) {
            smallest = content->counts[seen];
            for (; seen < content->count_count && content->counts[seen] == smallest; seen++)
                sum += smallest;
        }
        put_number(stream, cutoffs[i]);
        put_number(stream, smallest);
        put_number(stream, seen);
    }
}

static uint64_t put_names(FILE *stream, const struct content *content)
{
    uint64_t flags = 0;
    put_number(stream, content->name_count);
    for (size_t i = 0; i < content->name_count; i++) {
        fwrite(content->names[i], strlen(content->names[i]) + 1, 1, stream);
        if (strstr(content->names[i], ".__uniq."))
            flags = FLAG_UNIQUE_SUFFIX;
    }
    return flags;
}

static void put_name(FILE *stream, const struct content *content, const char *name)
{
    const char **found =
        bsearch(&name, (void *)content->names, content->name_count, sizeof(char *), compare_names);
    put_number(stream, (uint64_t)(found - content->names));
}

static void put_place(FILE *stream, struct sample_place place)
{
    put_number(stream, place.line_offset);
    put_number(stream, place.discriminator);
}

static void put_body(FILE *stream, const struct content *content,
                     const struct sample_function *function)
{
    put_name(stream, content, function->name);
    put_number(stream, function->total);
    put_number(stream, function->record_count);
    for (size_t i = 0; i < function->record_count; i++) {
        const struct sample_record *record = &function->records[i];
        put_place(stream, record->place);
        put_number(stream, record->count);
        put_number(stream, record->target_count);
        for (size_t k = 0; k < record->target_count; k++) {
            put_name(stream, content, record->targets[k].function);
            put_number(stream, record->targets[k].count);
        }
    }
    put_number(stream, function->inlined_count);
    for (size_t i = 0; i < function->inlined_count; i++) {
        put_place(stream, function->inlined[i]->call);
        put_body(stream, content, function->inlined[i]);
    }
}

/* `offsets` gets the place of each function in the section. */
static void put_functions(FILE *stream, FILE *offsets, const struct content *content,
                          const struct sample_function *top)
{
    put_number(offsets, top->inlined_count);
    for (size_t i = 0; i < top->inlined_count; i++) {
        put_name(offsets, content, top->inlined[i]->name);
        put_number(offsets, (uint64_t)ftell(stream));
        put_number(stream, top->inlined[i]->head);
        put_body(stream, content, top->inlined[i]);
    }
}

static void put_checksums(FILE *stream, const struct content *content,
                          const struct sample_function *function)
{
    put_name(stream, content, function->name);
    put_number(stream, function->checksum);
    put_number(stream, function->inlined_count);
    for (size_t i = 0; i < function->inlined_count; i++) {
        put_place(stream, function->inlined[i]->call);
        put_checksums(stream, content, function->inlined[i]);
    }
}

enum { SUMMARY, NAMES, OFFSETS, FUNCTIONS, METADATA, SECTIONS };

struct section {
    FILE *stream;
    char *bytes;
    size_t size;
    uint64_t flags;
};

static void put_file(FILE *stream, const struct section *sections)
{
    static const uint64_t types[SECTIONS] = {SECTION_SUMMARY, SECTION_NAMES, SECTION_OFFSETS,
                                             SECTION_FUNCTIONS, SECTION_METADATA};
    /* Magic, version, the number of sections and the table. */
    uint64_t offset = 9 + 1 + 8 + SECTIONS * 4 * sizeof(uint64_t);
    put_number(stream, MAGIC);
    put_number(stream, VERSION);
    put_fixed(stream, SECTIONS);
    for (size_t i = 0; i < SECTIONS; i++) {
        put_fixed(stream, types[i]);
        put_fixed(stream, sections[i].flags);
        put_fixed(stream, offset);
        put_fixed(stream, sections[i].size);
        offset += sections[i].size;
    }
    for (size_t i = 0; i < SECTIONS; i++)
        fwrite(sections[i].bytes, 1, sections[i].size, stream);
}

static bool put_sections(FILE *stream, const struct content *content,
                         const struct sample_profile *samples, struct error *error)
{
    const struct sample_function *top = &samples->top;
    struct section sections[SECTIONS] = {0};
    bool done = true;
    for (size_t i = 0; i < SECTIONS; i++) {
        sections[i].stream = open_memstream(&sections[i].bytes, &sections[i].size);
        done = done && sections[i].stream;
    }
    if (done) {
        put_summary(sections[SUMMARY].stream, content, top->inlined_count);
        sections[NAMES].flags = put_names(sections[NAMES].stream, content);
        put_functions(sections[FUNCTIONS].stream, sections[OFFSETS].stream, content, top);
        sections[METADATA].flags = samples->by_probes ? FLAG_BY_PROBES : 0;
        for (size_t i = 0; samples->by_probes && i < top->inlined_count; i++)
            put_checksums(sections[METADATA].stream, content, top->inlined[i]);
    }
    for (size_t i = 0; i < SECTIONS; i++) {
        if (sections[i].stream && fclose(sections[i].stream) != 0)
            done = false;
    }
    if (done)
        put_file(stream, sections);
    for (size_t i = 0; i < SECTIONS; i++)
        free(sections[i].bytes);
    return done || memory_exhausted(error);
}

static bool write_llvm_ext(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct sample_profile samples;
    struct content content = {0};
    bool done =
        sample_profile_build(&samples, input->profile, input->module, input->binary, error) &&
        collect(&content, &samples.top, error) && put_sections(stream, &content, &samples, error);
    free((void *)content.names);
    free(content.counts);
    sample_profile_free(&samples);
    return done;
}

const struct writer writer_llvm_ext = {
    .name = "llvm-ext",
    .suffix = "prof",
    .description = "the same in LLVM's extensible binary form",
    .needs_binary = true,
    .write = write_llvm_ext,
};
