/*
 * LLVM's sample profile in its extensible binary form (analyzer/base/llvm_ext_layout.h):
 * the same content as llvm-text, which clang reads faster and only where it needs it.
 * llvm-ext-md5 has hashes of names in place of names.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/llvm_ext_layout.h"
#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/model/samples/context_name.h"
#include "analyzer/model/samples/sample_summary.h"
#include "analyzer/write/formats.h"
#include "analyzer/write/llvm.h"

/* What is in the profile, over all functions. */
struct content {
    const struct sample_profile *samples;
    struct names frames; /* names in contexts */
    const char **names;  /* sorted, once all are there */
    size_t name_count, name_capacity;
    const char **contexts; /* likewise */
    size_t context_count, context_capacity;
    uint32_t attributes; /* of any function */
    bool by_hash;        /* write hashes for names */
    struct sample_summary summary;
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

static bool add_text(const char ***texts, size_t *count, size_t *capacity, const char *text,
                     struct error *error)
{
    if (!memory_reserve(texts, capacity, *count + 1, sizeof(char *), error))
        return false;
    (*texts)[(*count)++] = text;
    return true;
}

static bool add_name(struct content *content, const char *name, struct error *error)
{
    return add_text(&content->names, &content->name_count, &content->name_capacity, name, error);
}

/* A function with its callers: the context, and the names of all in it. */
static bool add_context(struct content *content, const char *name, struct error *error)
{
    if (!add_text(&content->contexts, &content->context_count, &content->context_capacity, name,
                  error))
        return false;
    for (const char *rest = name; rest;) {
        struct context_frame frame = context_name_next(&rest);
        const char *kept = names_intern(&content->frames, frame.name, frame.size, error);
        if (!kept || !add_name(content, kept, error))
            return false;
    }
    return true;
}

static bool add_names(struct content *content, const struct sample_function *function,
                      struct error *error)
{
    content->attributes |= function->attributes;
    for (size_t i = 0; i < function->record_count; i++) {
        const struct sample_record *record = &function->records[i];
        for (size_t k = 0; k < record->target_count; k++) {
            if (!add_name(content, record->targets[k].function, error))
                return false;
        }
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        if (!add_name(content, function->inlined[i]->name, error) ||
            !add_names(content, function->inlined[i], error))
            return false;
    }
    return true;
}

static int compare_texts(const void *left, const void *right)
{
    return context_name_compare(*(const char *const *)left, *(const char *const *)right);
}

static void sort_once(const char **texts, size_t *count)
{
    size_t kept = 0;
    if (*count == 0)
        return;
    qsort((void *)texts, *count, sizeof(char *), compare_texts);
    for (size_t i = 1; i < *count; i++) {
        if (strcmp(texts[kept], texts[i]) != 0)
            texts[++kept] = texts[i];
    }
    *count = kept + 1;
}

static bool collect(struct content *content, const struct sample_profile *samples,
                    struct error *error)
{
    const struct sample_function *top = &samples->top;
    bool done = sample_summary_build(&content->summary, samples, error);
    content->samples = samples;
    for (size_t i = 0; done && i < top->inlined_count; i++) {
        const struct sample_function *function = top->inlined[i];
        done = add_names(content, function, error) &&
               (samples->has_contexts ? add_context(content, function->name, error)
                                      : add_name(content, function->name, error));
    }
    sort_once(content->names, &content->name_count);
    sort_once(content->contexts, &content->context_count);
    return done;
}

static void content_free(struct content *content)
{
    names_free(&content->frames);
    free((void *)content->names);
    free((void *)content->contexts);
    sample_summary_free(&content->summary);
}

/* --- sections ------------------------------------------------------------------------ */

static uint64_t put_summary(FILE *stream, const struct content *content)
{
    const struct sample_summary *summary = &content->summary;
    put_number(stream, summary->total);
    put_number(stream, summary->count_count > 0 ? summary->counts[0] : 0);
    put_number(stream, summary->largest_head);
    put_number(stream, summary->count_count);
    put_number(stream, summary->function_count);
    put_number(stream, SAMPLE_CUTOFFS);
    for (size_t i = 0; i < SAMPLE_CUTOFFS; i++) {
        struct sample_cutoff cutoff = sample_summary_cutoff(summary, sample_cutoffs[i]);
        put_number(stream, sample_cutoffs[i]);
        put_number(stream, cutoff.smallest);
        put_number(stream, cutoff.places);
    }
    return (content->samples->has_contexts ? LLVM_EXT_SUMMARY_CONTEXTS : 0) |
           (content->samples->has_fs_discriminators ? LLVM_EXT_SUMMARY_FS_DISCRIMINATORS : 0) |
           (content->attributes & SAMPLE_SHOULD_BE_INLINED ? LLVM_EXT_SUMMARY_PRE_INLINED : 0);
}

static uint64_t put_names(FILE *stream, const struct content *content)
{
    uint64_t flags = content->by_hash ? LLVM_EXT_NAMES_HASHED | LLVM_EXT_NAMES_FIXED : 0;
    put_number(stream, content->name_count);
    for (size_t i = 0; content->by_hash && i < content->name_count; i++)
        put_fixed(stream, content->samples->has_hashes
                              ? strtoull(content->names[i], NULL, 10)
                              : md5_guid(content->names[i], strlen(content->names[i])));
    for (size_t i = 0; !content->by_hash && i < content->name_count; i++) {
        fwrite(content->names[i], strlen(content->names[i]) + 1, 1, stream);
        if (strstr(content->names[i], ".__uniq."))
            flags = LLVM_EXT_NAMES_UNIQUE;
    }
    return flags;
}

static void put_text_number(FILE *stream, const char **texts, size_t count, const char *text)
{
    const char **found = bsearch(&text, (void *)texts, count, sizeof(char *), compare_texts);
    put_number(stream, (uint64_t)(found - texts));
}

static void put_name(FILE *stream, const struct content *content, const char *name)
{
    put_text_number(stream, content->names, content->name_count, name);
}

/* The name of a function at the top, which may be a context. */
static void put_top_name(FILE *stream, const struct content *content, const char *name)
{
    if (content->samples->has_contexts)
        put_text_number(stream, content->contexts, content->context_count, name);
    else
        put_name(stream, content, name);
}

static void put_place(FILE *stream, struct sample_place place)
{
    put_number(stream, place.line_offset);
    put_number(stream, place.discriminator);
}

static bool put_contexts(FILE *stream, struct content *content, struct error *error)
{
    put_number(stream, content->context_count);
    for (size_t i = 0; i < content->context_count; i++) {
        uint64_t frames = 0;
        for (const char *rest = content->contexts[i]; rest; frames++)
            context_name_next(&rest);
        put_number(stream, frames);
        for (const char *rest = content->contexts[i]; rest;) {
            struct context_frame frame = context_name_next(&rest);
            const char *name = names_intern(&content->frames, frame.name, frame.size, error);
            if (!name)
                return false;
            put_name(stream, content, name);
            put_place(stream, frame.place);
        }
    }
    return true;
}

static void put_symbols(FILE *stream, const struct names *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        fwrite(symbols->items[i], strlen(symbols->items[i]) + 1, 1, stream);
}

static void put_body(FILE *stream, const struct content *content,
                     const struct sample_function *function)
{
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
        put_name(stream, content, function->inlined[i]->name);
        put_body(stream, content, function->inlined[i]);
    }
}

static void put_functions(FILE *stream, const struct content *content, long *offsets)
{
    const struct sample_function *top = &content->samples->top;
    for (size_t i = 0; i < top->inlined_count; i++) {
        offsets[i] = ftell(stream);
        put_number(stream, top->inlined[i]->head);
        put_top_name(stream, content, top->inlined[i]->name);
        put_body(stream, content, top->inlined[i]);
    }
}

static int compare_functions(const void *left, const void *right, void *context)
{
    const struct sample_function *top = context;
    return context_name_compare(top->inlined[*(const size_t *)left]->name,
                                top->inlined[*(const size_t *)right]->name);
}

/* The place of each function in its section. */
static bool put_offsets(FILE *stream, const struct content *content, const long *offsets,
                        struct error *error)
{
    const struct sample_function *top = &content->samples->top;
    size_t count = top->inlined_count;
    size_t *order = calloc(count + 1, sizeof(*order));
    if (!order)
        return memory_exhausted(error);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (content->samples->has_contexts)
        qsort_r(order, count, sizeof(*order), compare_functions, (void *)top);
    put_number(stream, count);
    for (size_t i = 0; i < count; i++) {
        put_top_name(stream, content, top->inlined[order[i]]->name);
        put_number(stream, (uint64_t)offsets[order[i]]);
    }
    free(order);
    return true;
}

static void put_metadata(FILE *stream, const struct content *content,
                         const struct sample_function *function)
{
    if (content->samples->by_probes)
        put_number(stream, function->checksum);
    if (content->attributes)
        put_number(stream, function->attributes);
    if (content->samples->has_contexts)
        return;
    put_number(stream, function->inlined_count);
    for (size_t i = 0; i < function->inlined_count; i++) {
        put_place(stream, function->inlined[i]->call);
        put_name(stream, content, function->inlined[i]->name);
        put_metadata(stream, content, function->inlined[i]);
    }
}

static uint64_t put_all_metadata(FILE *stream, const struct content *content)
{
    const struct sample_function *top = &content->samples->top;
    if (!content->samples->by_probes && !content->attributes)
        return 0;
    for (size_t i = 0; i < top->inlined_count; i++) {
        put_top_name(stream, content, top->inlined[i]->name);
        put_metadata(stream, content, top->inlined[i]);
    }
    return (content->samples->by_probes ? LLVM_EXT_METADATA_BY_PROBES : 0) |
           (content->attributes ? LLVM_EXT_METADATA_ATTRIBUTES : 0);
}

enum { SUMMARY, NAMES, CONTEXTS, OFFSETS, FUNCTIONS, SYMBOLS, METADATA, SECTIONS };

struct written_section {
    FILE *stream;
    char *bytes;
    size_t size;
    uint64_t flags;
};

static void put_file(FILE *stream, const struct written_section *sections)
{
    static const uint64_t types[SECTIONS] = {
        LLVM_EXT_SUMMARY,   LLVM_EXT_NAMES,   LLVM_EXT_CONTEXTS, LLVM_EXT_OFFSETS,
        LLVM_EXT_FUNCTIONS, LLVM_EXT_SYMBOLS, LLVM_EXT_METADATA};
    /* Magic, version, the number of sections and the table. */
    uint64_t offset = 9 + 1 + 8 + SECTIONS * 4 * sizeof(uint64_t);
    put_number(stream, LLVM_EXT_MAGIC);
    put_number(stream, LLVM_EXT_VERSION);
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

static bool put_sections(FILE *stream, struct content *content, struct error *error)
{
    const struct sample_profile *samples = content->samples;
    struct written_section sections[SECTIONS] = {0};
    long *offsets = calloc(samples->top.inlined_count + 1, sizeof(*offsets));
    bool is_memory = offsets != NULL; /* there was enough */
    bool done = true;
    for (size_t i = 0; i < SECTIONS; i++) {
        sections[i].stream = open_memstream(&sections[i].bytes, &sections[i].size);
        is_memory = is_memory && sections[i].stream;
    }
    if (is_memory) {
        sections[SUMMARY].flags = put_summary(sections[SUMMARY].stream, content);
        sections[NAMES].flags = put_names(sections[NAMES].stream, content);
        sections[OFFSETS].flags = samples->has_contexts ? LLVM_EXT_OFFSETS_ORDERED : 0;
        put_functions(sections[FUNCTIONS].stream, content, offsets);
        sections[METADATA].flags = put_all_metadata(sections[METADATA].stream, content);
        put_symbols(sections[SYMBOLS].stream, &samples->symbols);
        done = put_offsets(sections[OFFSETS].stream, content, offsets, error) &&
               (!samples->has_contexts || put_contexts(sections[CONTEXTS].stream, content, error));
    }
    for (size_t i = 0; i < SECTIONS; i++) {
        if (sections[i].stream && fclose(sections[i].stream) != 0)
            is_memory = false;
    }
    if (is_memory && done)
        put_file(stream, sections);
    for (size_t i = 0; i < SECTIONS; i++)
        free(sections[i].bytes);
    free(offsets);
    return is_memory ? done : memory_exhausted(error);
}

static bool write_ext(const struct sample_profile *samples, bool by_hash, FILE *stream,
                      struct error *error)
{
    struct content content = {.by_hash = by_hash || samples->has_hashes};
    bool done = collect(&content, samples, error) && put_sections(stream, &content, error);
    content_free(&content);
    return done;
}

bool sample_profile_write_ext(const struct sample_profile *samples, FILE *stream,
                              struct error *error)
{
    return write_ext(samples, false, stream, error);
}

static bool build_and_write(const struct writer_input *input, bool by_hash, FILE *stream,
                            struct error *error)
{
    struct sample_profile samples;
    bool done = sample_profile_build_contexts(&samples, input->profile, input->module,
                                              input->binary, &input->contexts, error) &&
                write_ext(&samples, by_hash, stream, error);
    if (done)
        address_accounts_tell(&samples.accounts);
    sample_profile_free(&samples);
    return done;
}

static bool write_llvm_ext(const struct writer_input *input, FILE *stream, struct error *error)
{
    return build_and_write(input, false, stream, error);
}

static bool write_llvm_ext_md5(const struct writer_input *input, FILE *stream, struct error *error)
{
    return build_and_write(input, true, stream, error);
}

const struct writer writer_llvm_ext = {
    .name = "llvm-ext",
    .suffix = "prof",
    .description = "the same in LLVM's extensible binary form",
    .needs_binary = true,
    .wants_executions = true,
    .takes_contexts = true,
    .write = write_llvm_ext,
};

const struct writer writer_llvm_ext_md5 = {
    .name = "llvm-ext-md5",
    .suffix = "prof",
    .description = "the same with hashes for names, which is smaller",
    .needs_binary = true,
    .wants_executions = true,
    .takes_contexts = true,
    .write = write_llvm_ext_md5,
};
