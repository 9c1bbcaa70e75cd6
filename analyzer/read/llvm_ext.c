/*
 * LLVM's sample profiles in the extensible binary form.  Sections of types that mean
 * nothing here are skipped.
 *
 * The layout is in analyzer/base/llvm_ext_layout.h.  Where each function is need not be
 * known, since all are read.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/llvm_ext_layout.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/samples/sample_merge.h"
#include "analyzer/read/byte_file.h"
#include "analyzer/read/formats.h"

#define SECTION_LIMIT 64
#define FILE_LIMIT (UINT64_C(1) << 31)
#define RATIO_LIMIT 1032 /* zlib compresses no better */
#define OFFSET_LIMIT 0xffff
#define TARGET_LIMIT 10000
#define CONTEXT_LIMIT 4096 /* bytes of a function's callers as text */

struct read_section {
    uint64_t type, flags, offset, size;
};

/* The names of a table, by number. */
struct name_list {
    const char **items;
    size_t count, capacity;
};

struct llvm_ext {
    const char *path;
    uint8_t *bytes;
    size_t size;
    struct sample_profile *samples;
    struct name_list names, contexts;
    const struct read_section *section; /* that is being read; NULL: the table */
    const uint8_t *begin, *at, *end;
    bool has_functions;
    struct error *error;
};

static bool garbled(struct llvm_ext *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool garbled(struct llvm_ext *file, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    if (file->section)
        error_set(file->error, ERROR_RAW_GARBLED, file->path,
                  "section of type %" PRIu64 " at byte %" PRIu64 ", byte %td of it: %s",
                  file->section->type, file->section->offset, file->at - file->begin, what);
    else
        error_set(file->error, ERROR_RAW_GARBLED, file->path, "byte %td: %s",
                  file->at - file->begin, what);
    return false;
}

/* --- numbers and names -------------------------------------------------------------- */

static bool take(struct llvm_ext *file, uint64_t *number)
{
    const uint8_t *at = file->at;
    uint64_t value = 0;
    for (unsigned shift = 0; at < file->end; shift += 7) {
        uint8_t byte = *at++;
        if (shift > 63 || (shift == 63 && byte > 1))
            return garbled(file, "a number of more than 64 bits");
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *number = value;
            file->at = at;
            return true;
        }
    }
    return garbled(file, "it ends in the middle of a number");
}

/* A number that cannot be larger than that. */
static bool take_below(struct llvm_ext *file, uint64_t limit, const char *what, uint64_t *number)
{
    return take(file, number) &&
           (*number <= limit ||
            garbled(file, "%s %" PRIu64 " is above %" PRIu64, what, *number, limit));
}

/* How many entries follow, each of which has at least one byte. */
static bool take_count(struct llvm_ext *file, uint64_t *count)
{
    return take(file, count) &&
           (*count <= (uint64_t)(file->end - file->at) ||
            garbled(file, "%" PRIu64 " entries in %td bytes", *count, file->end - file->at));
}

static bool take_fixed(struct llvm_ext *file, uint64_t *number)
{
    *number = 0;
    if (file->end - file->at < 8)
        return garbled(file, "it ends in the middle of a number");
    for (unsigned i = 0; i < 8; i++)
        *number |= (uint64_t)*file->at++ << (8 * i);
    return true;
}

static bool take_place(struct llvm_ext *file, struct sample_place *place)
{
    uint64_t offset, discriminator;
    if (!take_below(file, OFFSET_LIMIT, "line offset", &offset) ||
        !take_below(file, UINT32_MAX, "discriminator", &discriminator))
        return false;
    *place = (struct sample_place){(uint32_t)offset, (uint32_t)discriminator};
    return true;
}

static bool add_name(struct llvm_ext *file, struct name_list *list, const char *name, size_t size)
{
    const char *own = sample_profile_name(file->samples, name, size, file->error);
    if (!own || !memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof(char *),
                                file->error))
        return false;
    list->items[list->count++] = own;
    return true;
}

static bool take_name(struct llvm_ext *file, const struct name_list *list, const char **name)
{
    uint64_t number;
    if (!take(file, &number))
        return false;
    if (number >= list->count) {
        garbled(file, "name %" PRIu64 " of %zu", number, list->count);
        return false;
    }
    *name = list->items[number];
    return true;
}

/* --- sections ------------------------------------------------------------------------- */

static bool read_summary(struct llvm_ext *file)
{
    uint64_t flags = file->section->flags;
    file->samples->has_contexts = (flags & LLVM_EXT_SUMMARY_CONTEXTS) != 0;
    file->samples->has_fs_discriminators = (flags & LLVM_EXT_SUMMARY_FS_DISCRIMINATORS) != 0;
    return !(flags & LLVM_EXT_SUMMARY_TYPES) ||
           garbled(file, "counts of the types of objects are not supported");
}

static bool read_names(struct llvm_ext *file)
{
    uint64_t flags = file->section->flags;
    uint64_t count;
    file->samples->has_hashes = (flags & (LLVM_EXT_NAMES_HASHED | LLVM_EXT_NAMES_FIXED)) != 0;
    file->names.count = 0;
    if (!take_count(file, &count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        const char *name = (const char *)file->at;
        size_t size;
        char digits[24];
        uint64_t hash;
        if (flags & (LLVM_EXT_NAMES_HASHED | LLVM_EXT_NAMES_FIXED)) {
            if (flags & LLVM_EXT_NAMES_FIXED ? !take_fixed(file, &hash) : !take(file, &hash))
                return false;
            size = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, hash);
            name = digits;
        } else {
            size = strnlen(name, (size_t)(file->end - file->at));
            if (size == (size_t)(file->end - file->at))
                return garbled(file, "it ends in the middle of a name");
            file->at += size + 1;
        }
        if (!add_name(file, &file->names, name, size))
            return false;
    }
    return true;
}

/* Each function of a chain of callers and where in it the next was called. */
static bool read_contexts(struct llvm_ext *file)
{
    uint64_t count;
    if (!take_count(file, &count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        char text[CONTEXT_LIMIT];
        size_t used = 0;
        uint64_t frames;
        if (!take_count(file, &frames))
            return false;
        for (uint64_t frame = 0; frame < frames; frame++) {
            const char *name;
            struct sample_place place;
            if (!take_name(file, &file->names, &name) || !take_place(file, &place))
                return false;
            bool is_last = frame + 1 == frames;
            int length =
                snprintf(text + used, sizeof(text) - used, "%s%s", frame == 0 ? "[" : " @ ", name);
            used += (size_t)length;
            if (!is_last && used < sizeof(text))
                used += (size_t)snprintf(text + used, sizeof(text) - used, ":%" PRIu32,
                                         place.line_offset);
            if (!is_last && place.discriminator > 0 && used < sizeof(text))
                used += (size_t)snprintf(text + used, sizeof(text) - used, ".%" PRIu32,
                                         place.discriminator);
            if (used + 2 > sizeof(text))
                return garbled(file, "a chain of callers of more than %d bytes", CONTEXT_LIMIT);
        }
        text[used++] = ']';
        if (frames == 0)
            return garbled(file, "a chain of callers without a function");
        if (!add_name(file, &file->contexts, text, used))
            return false;
    }
    return true;
}

static bool read_records(struct llvm_ext *file, struct sample_function *function)
{
    uint64_t count;
    if (!take_count(file, &count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        struct sample_place place;
        uint64_t samples, targets;
        if (!take_place(file, &place) || !take(file, &samples) ||
            !take_below(file, TARGET_LIMIT, "number of callees", &targets))
            return false;
        struct sample_record *record = sample_function_record(function, place, file->error);
        if (!record)
            return false;
        record->count = count_add(record->count, samples);
        for (uint64_t k = 0; k < targets; k++) {
            const char *name;
            uint64_t calls = 0;
            if (!take_name(file, &file->names, &name) || !take(file, &calls) ||
                !sample_record_add_target(record, name, calls, file->error))
                return false;
        }
    }
    return true;
}

static bool read_body(struct llvm_ext *file, struct sample_function *function, unsigned depth)
{
    uint64_t total, count;
    if (depth == SAMPLE_DEPTH_LIMIT)
        return garbled(file, "functions are inlined into one another %d deep", SAMPLE_DEPTH_LIMIT);
    if (!take(file, &total) || !read_records(file, function) || !take_count(file, &count))
        return false;
    function->total = count_add(function->total, total);
    for (uint64_t i = 0; i < count; i++) {
        struct sample_place place = {0, 0};
        const char *name = NULL;
        if (!take_place(file, &place) || !take_name(file, &file->names, &name))
            return false;
        struct sample_function *inlined =
            sample_function_inlined(function, place, name, file->error);
        if (!inlined || !read_body(file, inlined, depth + 1))
            return false;
    }
    return true;
}

static bool read_functions(struct llvm_ext *file)
{
    const struct name_list *names = file->samples->has_contexts ? &file->contexts : &file->names;
    file->has_functions = true;
    while (file->at < file->end) {
        uint64_t head;
        const char *name;
        if (!take(file, &head) || !take_name(file, names, &name))
            return false;
        struct sample_function *function = sample_profile_append(file->samples, name, file->error);
        if (!function)
            return false;
        function->head = head;
        if (!read_body(file, function, 1))
            return false;
    }
    return true;
}

static int compare_with_name(const void *key, const void *item)
{
    return strcmp(key, (*(struct sample_function *const *)item)->name);
}

/* The function at the top of that name; they are sorted by name. */
static struct sample_function *find_function(const struct llvm_ext *file, const char *name)
{
    const struct sample_function *top = &file->samples->top;
    struct sample_function **found =
        top->inlined_count == 0 ? NULL
                                : bsearch(name, (void *)top->inlined, top->inlined_count,
                                          sizeof(struct sample_function *), compare_with_name);
    return found ? *found : NULL;
}

static struct sample_function *find_inlined(const struct sample_function *function,
                                            struct sample_place place, const char *name)
{
    for (size_t i = 0; function && i < function->inlined_count; i++) {
        struct sample_function *inlined = function->inlined[i];
        if (sample_place_compare(inlined->call, place) == 0 && strcmp(inlined->name, name) == 0)
            return inlined;
    }
    return NULL;
}

/* Metadata of functions without counts is passed over. */
static bool read_function_metadata(struct llvm_ext *file, struct sample_function *function,
                                   unsigned depth)
{
    uint64_t flags = file->section->flags;
    uint64_t checksum = 0;
    uint64_t attributes = 0;
    uint64_t count = 0;
    if (depth == SAMPLE_DEPTH_LIMIT)
        return garbled(file, "functions are inlined into one another %d deep", SAMPLE_DEPTH_LIMIT);
    if ((flags & LLVM_EXT_METADATA_BY_PROBES && !take(file, &checksum)) ||
        (flags & LLVM_EXT_METADATA_ATTRIBUTES &&
         !take_below(file, UINT32_MAX, "attribute", &attributes)) ||
        (!file->samples->has_contexts && !take_count(file, &count)))
        return false;
    if (function) {
        function->checksum = checksum;
        function->attributes = (uint32_t)attributes;
    }
    for (uint64_t i = 0; i < count; i++) {
        struct sample_place place = {0, 0};
        const char *name = NULL;
        if (!take_place(file, &place) || !take_name(file, &file->names, &name) ||
            !read_function_metadata(file, find_inlined(function, place, name), depth + 1))
            return false;
    }
    return true;
}

static bool read_metadata(struct llvm_ext *file)
{
    const struct name_list *names = file->samples->has_contexts ? &file->contexts : &file->names;
    file->samples->by_probes = (file->section->flags & LLVM_EXT_METADATA_BY_PROBES) != 0;
    if (!sample_profile_unite(file->samples, file->path, file->error))
        return false;
    while (file->at < file->end) {
        const char *name;
        if (!take_name(file, names, &name) ||
            !read_function_metadata(file, find_function(file, name), 1))
            return false;
    }
    return true;
}

/* The names of all functions of the program, to tell those that did not run from new ones. */
static bool read_symbols(struct llvm_ext *file)
{
    while (file->at < file->end) {
        const char *name = (const char *)file->at;
        size_t size = strnlen(name, (size_t)(file->end - file->at));
        if (size == (size_t)(file->end - file->at))
            return garbled(file, "it ends in the middle of a name");
        if (!names_intern(&file->samples->symbols, name, size, file->error))
            return false;
        file->at += size + 1;
    }
    return true;
}

static bool read_content(struct llvm_ext *file)
{
    switch (file->section->type) {
    case LLVM_EXT_SUMMARY:
        return read_summary(file);
    case LLVM_EXT_NAMES:
        return read_names(file);
    case LLVM_EXT_CONTEXTS:
        return read_contexts(file);
    case LLVM_EXT_FUNCTIONS:
        return read_functions(file);
    case LLVM_EXT_METADATA:
        return read_metadata(file);
    case LLVM_EXT_SYMBOLS:
        return read_symbols(file);
    default:
        return true;
    }
}

/* Reads the content of a compressed section: its size, its size as it is here, and zlib's bytes. */
static bool read_compressed(struct llvm_ext *file)
{
    uint64_t size, compressed_size;
    if (!take(file, &size) ||
        !take_below(file, (uint64_t)(file->end - file->at), "size", &compressed_size))
        return false;
    /* The end: take() moved file->at. */
    if (compressed_size > (uint64_t)(file->end - file->at) ||
        size > compressed_size * RATIO_LIMIT + RATIO_LIMIT)
        return garbled(file, "%" PRIu64 " bytes compressed into %" PRIu64, size, compressed_size);
    uint8_t *content = malloc(size + 1);
    uLongf got = size;
    if (!content)
        return memory_exhausted(file->error);
    bool done = uncompress(content, &got, file->at, compressed_size) == Z_OK && got == size;
    if (!done)
        garbled(file, "it cannot be uncompressed");
    if (done) {
        file->begin = file->at = content;
        file->end = content + size;
        done = read_content(file);
    }
    free(content);
    return done;
}

static bool read_section(struct llvm_ext *file, const struct read_section *section)
{
    file->section = section;
    if (section->offset > file->size || section->size > file->size - section->offset) {
        error_set(file->error, ERROR_RAW_TRUNCATED, file->path,
                  "the section of type %" PRIu64 " has %" PRIu64 " bytes at byte %" PRIu64
                  ", the file ends at %zu",
                  section->type, section->size, section->offset, file->size);
        return false;
    }
    file->begin = file->at = file->bytes + section->offset;
    file->end = file->begin + section->size;
    if (section->size == 0)
        return true;
    return section->flags & LLVM_EXT_COMPRESSED ? read_compressed(file) : read_content(file);
}

/* --- the whole file ----------------------------------------------------------------------- */

static bool read_sections(struct llvm_ext *file)
{
    struct read_section sections[SECTION_LIMIT];
    uint64_t magic = 0;
    uint64_t version = 0;
    uint64_t count = 0;
    bool done = true;
    file->begin = file->at = file->bytes;
    file->end = file->bytes + file->size;
    if (!take(file, &magic) || !take(file, &version))
        return false;
    if (version != LLVM_EXT_VERSION) {
        error_set(file->error, ERROR_PROFILE_KIND, file->path,
                  "version %" PRIu64 ", this program reads %d", version, LLVM_EXT_VERSION);
        return false;
    }
    if (!take_fixed(file, &count))
        return false;
    if (count > SECTION_LIMIT)
        return garbled(file, "%" PRIu64 " sections", count);
    for (uint64_t i = 0; i < count; i++) {
        if (!take_fixed(file, &sections[i].type) || !take_fixed(file, &sections[i].flags) ||
            !take_fixed(file, &sections[i].offset) || !take_fixed(file, &sections[i].size))
            return false;
    }
    for (uint64_t i = 0; done && i < count; i++)
        done = read_section(file, &sections[i]);
    file->section = NULL;
    return done && (file->has_functions || garbled(file, "it has no section with functions"));
}

/* The whole file in memory: sections refer to one another. */
static bool read_content_of(struct llvm_ext *file, const struct byte_file *source)
{
    if (source->size > FILE_LIMIT) {
        error_set(file->error, ERROR_RAW_GARBLED, file->path, "it has more than %" PRIu64 " bytes",
                  FILE_LIMIT);
        return false;
    }
    file->bytes = malloc((size_t)source->size + 1);
    if (!file->bytes)
        return memory_exhausted(file->error);
    return byte_file_read_part(source, 0, file->bytes, (size_t)source->size, &file->size);
}

static bool read_bytes(struct llvm_ext *file)
{
    struct byte_file source;
    if (!byte_file_open(&source, file->path, file->error))
        return false;
    bool done = read_content_of(file, &source);
    byte_file_close(&source);
    return done;
}

static bool fits(const struct file_head *head)
{
    static const uint8_t magic[] = {0x84, 0xe4, 0xd0, 0xb1, 0xf4, 0xc9, 0x94, 0xa8, 0x53};
    return head->size >= sizeof(magic) && memcmp(head->bytes, magic, sizeof(magic)) == 0;
}

static bool read_llvm_ext(const char *path, struct sample_profile *into, struct error *error)
{
    struct llvm_ext file = {.path = path, .samples = into, .error = error};
    bool done =
        read_bytes(&file) && read_sections(&file) && sample_profile_unite(into, path, error);
    free(file.bytes);
    free((void *)file.names.items);
    free((void *)file.contexts.items);
    return done;
}

const struct reader reader_llvm_ext = {
    .name = "an LLVM sample profile",
    .kind = PROFILE_BY_LINE,
    .fits = fits,
    .read_lines = read_llvm_ext,
};
