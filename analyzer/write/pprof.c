/*
 * pprof's profile.proto, gzipped: call stacks, and sampled addresses where no call stack was
 * recorded.  The first mapping is the program's, as profile.proto wants it.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/protobuf.h"
#include "analyzer/base/text.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/write/formats.h"
#include "analyzer/write/stackless.h"

/* Field numbers of profile.proto. */
enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE, PROFILE_MAPPING, PROFILE_LOCATION };
enum { PROFILE_FUNCTION = 5, PROFILE_STRING, PROFILE_TIME = 9, PROFILE_DURATION };
enum { PROFILE_PERIOD_TYPE = 11, PROFILE_PERIOD };
enum { PROFILE_DEFAULT_TYPE = 14 };
enum { TYPE_NAME = 1, TYPE_UNIT };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE };
enum { MAPPING_ID = 1, MAPPING_START, MAPPING_LIMIT, MAPPING_FILE = 5, MAPPING_BUILD_ID };
enum { MAPPING_HAS_FUNCTIONS = 7, MAPPING_HAS_FILES, MAPPING_HAS_LINES };
enum { LOCATION_ID = 1, LOCATION_MAPPING, LOCATION_ADDRESS, LOCATION_LINE };
enum { LINE_FUNCTION = 1, LINE_NUMBER };
enum { FUNCTION_ID = 1, FUNCTION_NAME, FUNCTION_SYSTEM_NAME, FUNCTION_FILE, FUNCTION_START_LINE };

/* The strings that every profile begins with, by index. */
enum { STRING_EMPTY, STRING_SAMPLES, STRING_COUNT, STRING_CPU, STRING_NANOSECONDS, STRINGS };
static const char *const first_strings[STRINGS] = {"", "samples", "count", "cpu", "nanoseconds"};

#define NO_MODULE SIZE_MAX

struct encoder {
    const struct writer_input *input;
    FILE *stream;             /* the message, not compressed */
    struct stackless without; /* samples without a call stack */
    struct location *places;  /* all that occur, sorted; the id is the index + 1 */
    size_t place_count, place_capacity;
    bool *hidden;                /* of them: no function that anybody wrote */
    uint64_t strings, functions; /* how many were written */
    void *known;                 /* those functions: a tree of struct pprof_function */
    struct source_lines *lines;  /* of the module below; NULL where it has none */
    uint32_t lines_module;
    uint64_t sample_ns; /* CPU time that a sample stands for; 0: not known */
};

static uint64_t put_string(struct encoder *encoder, const char *text)
{
    char visible[4096];
    text_printable(text, visible, sizeof(visible));
    protobuf_put_bytes(encoder->stream, PROFILE_STRING, visible, strlen(visible));
    return encoder->strings++;
}

static void put_type(struct encoder *encoder, unsigned field, uint64_t name, uint64_t unit)
{
    struct protobuf_part type = {0};
    protobuf_part_number(&type, TYPE_NAME, name);
    protobuf_part_number(&type, TYPE_UNIT, unit);
    protobuf_put_part(encoder->stream, field, &type);
}

/* --- places ------------------------------------------------------------------------- */

static int compare_places(const void *left, const void *right)
{
    const struct location *a = left;
    const struct location *b = right;
    if (a->module != b->module)
        return a->module < b->module ? -1 : 1;
    return (a->address > b->address) - (a->address < b->address);
}

static bool add_place(struct encoder *encoder, struct location place, struct error *error)
{
    if (!memory_reserve(&encoder->places, &encoder->place_capacity, encoder->place_count + 1,
                        sizeof(*encoder->places), error))
        return false;
    encoder->places[encoder->place_count++] = place;
    return true;
}

/* The places of call stacks that were counted: others are callers of traces alone. */
static bool collect_stack_places(struct encoder *encoder, struct error *error)
{
    const struct profile *profile = encoder->input->profile;
    bool *is_counted = calloc(profile->stack_count + 1, sizeof(*is_counted));
    bool done = is_counted != NULL;
    if (!is_counted)
        memory_exhausted(error);
    /* Callers come first. */
    for (size_t i = profile->stack_count; done && i-- > 0;) {
        const struct stack_node *node = &profile->stacks[i];
        is_counted[i] = is_counted[i] || node->count > 0;
        if (!is_counted[i])
            continue;
        if (node->parent)
            is_counted[node->parent - 1] = true;
        done = node->truncated || add_place(encoder, node->location, error);
    }
    free(is_counted);
    return done;
}

static bool collect_places(struct encoder *encoder, struct error *error)
{
    size_t kept = 0;
    if (!collect_stack_places(encoder, error))
        return false;
    for (size_t i = 0; i < encoder->without.count; i++) {
        if (!add_place(encoder, encoder->without.items[i].place, error))
            return false;
    }
    if (encoder->place_count > 0)
        qsort(encoder->places, encoder->place_count, sizeof(*encoder->places), compare_places);
    for (size_t i = 0; i < encoder->place_count; i++) {
        if (kept == 0 || compare_places(&encoder->places[kept - 1], &encoder->places[i]) != 0)
            encoder->places[kept++] = encoder->places[i];
    }
    encoder->place_count = kept;
    return true;
}

static uint64_t place_id(const struct encoder *encoder, struct location place)
{
    const struct location *found =
        bsearch(&place, encoder->places, encoder->place_count, sizeof(place), compare_places);
    return found ? (uint64_t)(found - encoder->places) + 1 : 0;
}

/* Samples in a module. */
static uint64_t samples_in(const struct profile *profile, uint32_t module)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE && trace->to.module == module)
            samples = count_add(samples, trace->count);
    }
    return samples;
}

/* The program: what was given, or of the recorded programs the one with most samples. */
static size_t find_program(const struct encoder *encoder)
{
    const struct profile *profile = encoder->input->profile;
    size_t found = NO_MODULE;
    uint64_t most = 0;
    if (encoder->input->binary)
        return encoder->input->module;
    for (uint32_t i = 0; i < profile->module_count; i++) {
        if (!profile->modules[i].is_main)
            continue;
        uint64_t samples = samples_in(profile, i);
        if (found == NO_MODULE || samples > most) {
            found = i;
            most = samples;
        }
    }
    return found;
}

static void put_mapping(struct encoder *encoder, size_t number)
{
    const struct module *module = &encoder->input->profile->modules[number];
    char build_id[PROFILE_BUILD_ID_TEXT];
    struct protobuf_part mapping = {0};
    protobuf_part_number(&mapping, MAPPING_ID, number + 1);
    protobuf_part_number(&mapping, MAPPING_START, module->low_address);
    protobuf_part_number(&mapping, MAPPING_LIMIT,
                         module->high_address > 0 ? module->high_address : INT64_MAX);
    protobuf_part_number(&mapping, MAPPING_FILE, put_string(encoder, module->path));
    if (module->build_id_size > 0)
        protobuf_part_number(
            &mapping, MAPPING_BUILD_ID,
            put_string(encoder, build_id_text(module->build_id, module->build_id_size, build_id)));
    /* Otherwise readers look for names themselves. */
    if (binaries_get(encoder->input->binaries, (uint32_t)number)) {
        protobuf_part_number(&mapping, MAPPING_HAS_FUNCTIONS, 1);
        protobuf_part_number(&mapping, MAPPING_HAS_FILES, 1);
        protobuf_part_number(&mapping, MAPPING_HAS_LINES, 1);
    }
    protobuf_put_part(encoder->stream, PROFILE_MAPPING, &mapping);
}

/* The program first, then the others that are in samples: not what the recorder brought along. */
static void put_mappings(struct encoder *encoder)
{
    const struct profile *profile = encoder->input->profile;
    size_t program = find_program(encoder);
    size_t at = 0;
    if (program != NO_MODULE)
        put_mapping(encoder, program);
    for (size_t i = 0; i < profile->module_count; i++) {
        while (at < encoder->place_count && encoder->places[at].module < i)
            at++;
        if (i != program && at < encoder->place_count && encoder->places[at].module == i)
            put_mapping(encoder, i);
    }
}

/* A function that was written: by name, file and line, since local functions share names. */
struct pprof_function {
    char *name;
    char *file; /* empty: not known */
    uint32_t declared;
    uint64_t id;
};

static int compare_known(const void *left, const void *right)
{
    const struct pprof_function *a = left;
    const struct pprof_function *b = right;
    if (a->declared != b->declared)
        return a->declared < b->declared ? -1 : 1;
    int order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->file, b->file);
}

static void free_known(void *known)
{
    free(((struct pprof_function *)known)->name);
    free(((struct pprof_function *)known)->file);
    free(known);
}

static struct pprof_function *put_function(struct encoder *encoder, const char *text,
                                           const char *file, uint32_t declared)
{
    struct pprof_function *function = calloc(1, sizeof(*function));
    struct protobuf_part part = {0};
    if (!function || !(function->name = strdup(text)) || !(function->file = strdup(file))) {
        if (function)
            free(function->name);
        free(function);
        return NULL;
    }
    uint64_t name = put_string(encoder, text);
    uint64_t file_name = *file ? put_string(encoder, file) : STRING_EMPTY;
    function->declared = declared;
    function->id = ++encoder->functions;
    protobuf_part_number(&part, FUNCTION_ID, function->id);
    protobuf_part_number(&part, FUNCTION_NAME, name);
    protobuf_part_number(&part, FUNCTION_SYSTEM_NAME, name);
    if (*file)
        protobuf_part_number(&part, FUNCTION_FILE, file_name);
    if (declared)
        protobuf_part_number(&part, FUNCTION_START_LINE, declared);
    protobuf_put_part(encoder->stream, PROFILE_FUNCTION, &part);
    return function;
}

/* Adds a line to a location; its function is written before, where it is new. */
static bool put_line(struct encoder *encoder, FILE *location, const char *name, const char *file,
                     uint32_t declared, uint32_t number, struct error *error)
{
    struct pprof_function wanted = {(char *)name, (char *)file, declared, 0};
    struct protobuf_part line = {0};
    void *found = tfind(&wanted, &encoder->known, compare_known);
    if (!found) {
        struct pprof_function *added = put_function(encoder, name, file, declared);
        if (!added || !(found = tsearch(added, &encoder->known, compare_known))) {
            if (added)
                free_known(added);
            return memory_exhausted(error);
        }
    }
    protobuf_part_number(&line, LINE_FUNCTION, (*(struct pprof_function **)found)->id);
    if (number)
        protobuf_part_number(&line, LINE_NUMBER, number);
    protobuf_put_part(location, LOCATION_LINE, &line);
    return true;
}

/* Places come in order of modules: the debug information of one is open at a time. */
static bool open_lines(struct encoder *encoder, size_t index, const struct binary *binary,
                       struct error *error)
{
    uint32_t module = encoder->places[index].module;
    struct address_ranges touched = {0};
    struct error none;
    if (encoder->lines_module == module)
        return true;
    source_lines_free(encoder->lines);
    encoder->lines = NULL;
    encoder->lines_module = module;
    bool done = true;
    for (size_t i = index; done && i < encoder->place_count && encoder->places[i].module == module;
         i++)
        done = address_ranges_add(&touched, encoder->places[i].address,
                                  encoder->places[i].address + 1, error);
    address_ranges_join(&touched);
    if (done && binary)
        encoder->lines = source_lines_open(binary, false, &touched, &none);
    address_ranges_free(&touched);
    return done;
}

/*
 * The functions that the place is in, innermost first: what was inlined there
 * too, where debug information tells, else that of the symbol.  Trampolines are
 * left out as Go's run-time leaves them out of stacks: its compiler looks for
 * calls from the caller to the method itself.
 */
static bool put_lines(struct encoder *encoder, FILE *location, size_t index, struct error *error)
{
    struct location place = encoder->places[index];
    const struct binary *binary = binaries_get(encoder->input->binaries, place.module);
    const struct function *function = binary ? binary_function_at(binary, place.address) : NULL;
    const struct source_frame *frames;
    size_t count = 0;
    uint64_t until;
    if (!open_lines(encoder, index, binary, error) ||
        (encoder->lines &&
         !source_frames_at(encoder->lines, place.address, &frames, &count, &until, error)))
        return false;
    encoder->hidden[index] = count == 1 && frames[0].is_trampoline;
    for (size_t i = count; i-- > 0;) {
        if (frames[i].is_trampoline)
            continue;
        /* The outermost has the name of its symbol, as without debug information. */
        const char *name = i == 0 && function ? function->name : frames[i].function;
        const char *file = source_frame_file(encoder->lines, &frames[i]);
        if (!put_line(encoder, location, name, file ? file : "", frames[i].declared, frames[i].line,
                      error))
            return false;
    }
    return count > 0 || !function || put_line(encoder, location, function->name, "", 0, 0, error);
}

/* Puts a location that was written to memory; `done`: it was written whole. */
static bool put_location(struct encoder *encoder, FILE *location, char **bytes, const size_t *size,
                         bool done, struct error *error)
{
    if (fclose(location) != 0 && done)
        done = memory_exhausted(error);
    if (done)
        protobuf_put_bytes(encoder->stream, PROFILE_LOCATION, *bytes, *size);
    free(*bytes);
    return done;
}

static bool put_place(struct encoder *encoder, size_t index, struct error *error)
{
    struct location place = encoder->places[index];
    char *bytes = NULL;
    size_t size;
    FILE *location = open_memstream(&bytes, &size);
    if (!location)
        return memory_exhausted(error);
    protobuf_put_number(location, LOCATION_ID, index + 1);
    if (place.module < encoder->input->profile->module_count)
        protobuf_put_number(location, LOCATION_MAPPING, (uint64_t)place.module + 1);
    protobuf_put_number(location, LOCATION_ADDRESS, place.address);
    bool done = put_lines(encoder, location, index, error);
    return put_location(encoder, location, &bytes, &size, done, error);
}

/* The place that stands for callers that were not recorded, behind all others. */
static bool put_no_caller(struct encoder *encoder, struct error *error)
{
    char *bytes = NULL;
    size_t size;
    FILE *location = open_memstream(&bytes, &size);
    if (!location)
        return memory_exhausted(error);
    protobuf_put_number(location, LOCATION_ID, encoder->place_count + 1);
    bool done = put_line(encoder, location, STACKLESS_CALLER, "", 0, 0, error);
    return put_location(encoder, location, &bytes, &size, done, error);
}

static bool put_places(struct encoder *encoder, struct error *error)
{
    bool done = true;
    encoder->lines_module = PROFILE_MODULE_NONE;
    for (size_t i = 0; done && i < encoder->place_count; i++)
        done = put_place(encoder, i, error);
    source_lines_free(encoder->lines);
    if (done && encoder->without.has_stacks && encoder->without.count > 0)
        done = put_no_caller(encoder, error);
    tdestroy(encoder->known, free_known);
    return done;
}

/* --- samples -------------------------------------------------------------------------- */

/* pprof's numbers are signed. */
static uint64_t limited(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : value;
}

static void put_sample_place(const struct encoder *encoder, FILE *sample, struct location place)
{
    uint64_t id = place_id(encoder, place);
    if (id == 0 || !encoder->hidden[id - 1])
        protobuf_put_number(sample, SAMPLE_LOCATION, id);
}

/* The caller of samples without a call stack. */
#define NO_CALLER UINT32_MAX

/* The places from the innermost out. */
static bool put_sample(struct encoder *encoder, struct location place, uint32_t caller,
                       bool is_truncated, uint64_t count, struct error *error)
{
    const struct stack_node *stacks = encoder->input->profile->stacks;
    char *bytes = NULL;
    size_t size;
    FILE *sample = open_memstream(&bytes, &size);
    if (!sample)
        return memory_exhausted(error);
    if (!is_truncated)
        put_sample_place(encoder, sample, place);
    if (caller == NO_CALLER && encoder->without.has_stacks)
        protobuf_put_number(sample, SAMPLE_LOCATION, encoder->place_count + 1);
    for (; caller && caller != NO_CALLER; caller = stacks[caller - 1].parent) {
        if (!stacks[caller - 1].truncated)
            put_sample_place(encoder, sample, stacks[caller - 1].location);
    }
    protobuf_put_number(sample, SAMPLE_VALUE, limited(count));
    protobuf_put_number(sample, SAMPLE_VALUE, limited(count_multiply(count, encoder->sample_ns)));
    if (fclose(sample) != 0) {
        free(bytes);
        return memory_exhausted(error);
    }
    protobuf_put_bytes(encoder->stream, PROFILE_SAMPLE, bytes, size);
    free(bytes);
    return true;
}

static bool put_samples(struct encoder *encoder, struct error *error)
{
    const struct profile *profile = encoder->input->profile;
    for (size_t i = 0; i < profile->stack_count; i++) {
        const struct stack_node *node = &profile->stacks[i];
        if (node->count > 0 &&
            !put_sample(encoder, node->location, node->parent, node->truncated, node->count, error))
            return false;
    }
    for (size_t i = 0; i < encoder->without.count; i++) {
        const struct stackless_sample *sample = &encoder->without.items[i];
        if (!put_sample(encoder, sample->place, NO_CALLER, false, sample->count, error))
            return false;
    }
    return true;
}

/* What a sample stands for, where all recordings agree. */
static uint64_t find_sample_ns(const struct profile *profile)
{
    uint64_t found = 0;
    for (size_t i = 0; i < profile->recording_count; i++) {
        const struct recording *recording = &profile->recordings[i];
        if (i > 0 && recording->period_ns != found)
            return 0;
        found = recording->period_ns;
    }
    return found;
}

/* When the first recording began, and how long the samples of all are in CPU time. */
static void put_times(struct encoder *encoder)
{
    const struct profile *profile = encoder->input->profile;
    uint64_t first = 0;
    for (size_t i = 0; i < profile->recording_count; i++) {
        uint64_t start = profile->recordings[i].start_time_ns;
        if (start > 0 && (first == 0 || start < first))
            first = start;
    }
    uint64_t duration = count_multiply(profile_samples(profile), encoder->sample_ns);
    if (first > 0)
        protobuf_put_number(encoder->stream, PROFILE_TIME, limited(first));
    if (duration > 0)
        protobuf_put_number(encoder->stream, PROFILE_DURATION, limited(duration));
}

static bool encode(struct encoder *encoder, struct error *error)
{
    for (size_t i = 0; i < STRINGS; i++)
        put_string(encoder, first_strings[i]);
    put_type(encoder, PROFILE_SAMPLE_TYPE, STRING_SAMPLES, STRING_COUNT);
    put_type(encoder, PROFILE_SAMPLE_TYPE, STRING_CPU, STRING_NANOSECONDS);
    put_type(encoder, PROFILE_PERIOD_TYPE, STRING_CPU, STRING_NANOSECONDS);
    protobuf_put_number(encoder->stream, PROFILE_PERIOD, limited(encoder->sample_ns));
    if (encoder->sample_ns == 0)
        protobuf_put_number(encoder->stream, PROFILE_DEFAULT_TYPE, STRING_SAMPLES);
    if (!stackless_find(&encoder->without, encoder->input->profile, error) ||
        !collect_places(encoder, error))
        return false;
    stackless_tell(&encoder->without, encoder->input->profile);
    put_times(encoder);
    encoder->hidden = calloc(encoder->place_count + 1, sizeof(*encoder->hidden));
    if (!encoder->hidden)
        return memory_exhausted(error);
    put_mappings(encoder);
    return put_places(encoder, error) && put_samples(encoder, error);
}

/* --- gzip ------------------------------------------------------------------------------- */

static bool write_gzip(FILE *stream, char *bytes, size_t size, struct error *error)
{
    z_stream packer = {0};
    uint8_t packed[65536];
    int status = Z_OK;
    /* 16: with the header of gzip, which then holds no name and no time. */
    if (deflateInit2(&packer, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return memory_exhausted(error);
    for (size_t done = 0; status != Z_STREAM_END;) {
        size_t part = size - done > (1u << 30) ? 1u << 30 : size - done;
        packer.next_in = (uint8_t *)bytes + done;
        packer.avail_in = (unsigned)part;
        done += part;
        do {
            packer.next_out = packed;
            packer.avail_out = sizeof(packed);
            status = deflate(&packer, done == size ? Z_FINISH : Z_NO_FLUSH);
            fwrite(packed, 1, sizeof(packed) - packer.avail_out, stream);
        } while (packer.avail_out == 0);
    }
    deflateEnd(&packer);
    return true;
}

static bool write_pprof(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct encoder encoder = {.input = input, .sample_ns = find_sample_ns(input->profile)};
    char *bytes = NULL;
    size_t size = 0;
    encoder.stream = open_memstream(&bytes, &size);
    if (!encoder.stream)
        return memory_exhausted(error);
    bool done = encode(&encoder, error);
    if (fclose(encoder.stream) != 0 && done)
        done = memory_exhausted(error);
    done = done && write_gzip(stream, bytes, size, error);
    stackless_free(&encoder.without);
    free(encoder.places);
    free(encoder.hidden);
    free(bytes);
    return done;
}

const struct writer writer_pprof = {
    .name = "pprof",
    .suffix = "pb.gz",
    .description = "call stacks or samples for pprof, all modules",
    .write = write_pprof,
};
