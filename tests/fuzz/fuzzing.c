#include "tests/fuzz/fuzzing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/compare/overlap.h"
#include "analyzer/model/counts/virtual_unwinder.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/model/samples/sample_merge.h"
#include "analyzer/model/samples/sample_order.h"
#include "analyzer/write/llvm.h"
#include "analyzer/write/writer.h"

/* Of a binary that is read, as many are in its made-up profile. */
#define FUNCTIONS 16

const char *fuzzing_file(const uint8_t *bytes, size_t size)
{
    static char path[64];
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = memfd_create("fuzzing", 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    }
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, bytes, size, 0) != (ssize_t)size)
        abort();
    return path;
}

FILE *fuzzing_nowhere(void)
{
    static FILE *nowhere;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    return nowhere;
}

/* A binary to place addresses in: any will do. */
static const struct binary *some_binary(void)
{
    static struct binary *binary;
    struct error error;
    if (!binary)
        binary = binary_open("/bin/true", &error);
    return binary;
}

static void write_all(const struct profile *profile)
{
    struct error error;
    for (size_t i = 0; writer_at(i); i++) {
        if (!writer_at(i)->needs_binary)
            writer_write(writer_at(i), profile, NULL, fuzzing_nowhere(), &error);
    }
}

static void place(struct profile *profile)
{
    static const char *const formats[] = {"unsymbolized", "preagg"};
    struct error error;
    if (!some_binary() || !profile_place(profile, some_binary(), &error) ||
        !profile_normalise(profile, &error))
        return;
    for (size_t i = 0; i < 2; i++)
        writer_write(writer_find(formats[i]), profile, some_binary(), fuzzing_nowhere(), &error);
    for (uint32_t module = 0; module < profile->module_count && module < FUNCTIONS; module++)
        virtual_unwinder_free(
            virtual_unwinder_run(profile, module, some_binary(), CONTEXT_DEPTH_ANY, &error));
}

void fuzzing_profile(const struct reader *reader, const uint8_t *bytes, size_t size)
{
    struct error error;
    struct profile *profile = profile_new(&error);
    struct profile *merged = profile_new(&error);
    if (profile && merged)
        profile->keeps_hybrid_samples = merged->keeps_hybrid_samples = true;
    if (profile && merged && reader->read(fuzzing_file(bytes, size), NULL, profile, &error) &&
        profile_normalise(profile, &error)) {
        write_all(profile);
        if (profile_merge(merged, profile, 3, &error))
            profile_normalise(merged, &error);
        place(profile);
    }
    profile_free(merged);
    profile_free(profile);
}

void fuzzing_sample_profile(const struct reader *reader, const uint8_t *bytes, size_t size)
{
    struct error error;
    struct sample_profile samples = {0};
    struct sample_profile merged = {0};
    struct overlap overlap = {0};
    if (reader->read_lines(fuzzing_file(bytes, size), &samples, &error) &&
        sample_profile_merge(&merged, &samples, 3, "input", &error)) {
        overlap_lines(&overlap, &samples, "input", &merged, "merged", &error);
        sample_profile_sort(&samples);
        sample_profile_write_text(&samples, fuzzing_nowhere());
        sample_profile_write_ext(&samples, fuzzing_nowhere(), &error);
    }
    overlap_free(&overlap);
    sample_profile_free(&merged);
    sample_profile_free(&samples);
}

/* A profile as if each function had run and called the next. */
static bool make_up(struct profile *profile, const struct binary *binary, struct error *error)
{
    struct module module = {.path = "binary", .is_main = true};
    uint32_t number;
    const uint8_t *build_id = binary_build_id(binary, &module.build_id_size);
    if (build_id)
        memcpy(module.build_id, build_id, module.build_id_size);
    if (!profile_add_module(profile, &module, &number, error))
        return false;
    for (size_t i = 0; i < binary_function_count(binary) && i < FUNCTIONS; i++) {
        const struct function *function = binary_function(binary, i);
        struct trace sample = {.from = {PROFILE_MODULE_NONE, 0},
                               .to = {number, function->address},
                               .end = function->address + function->size / 2,
                               .has_range = true,
                               .count = i + 1};
        struct trace call = {.from = sample.to, .to = sample.to, .count = 1};
        if (i + 1 < binary_function_count(binary))
            call.to.address = function[1].address;
        if (!profile_add_trace(profile, &sample, error) ||
            !profile_add_trace(profile, &call, error))
            return false;
    }
    return profile_normalise(profile, error);
}

void fuzzing_binary(const char *path)
{
    struct error error;
    struct binary *binary = binary_open(path, &error);
    struct profile *profile = binary ? profile_new(&error) : NULL;
    if (profile && make_up(profile, binary, &error)) {
        for (size_t i = 0; writer_at(i); i++) {
            if (writer_at(i)->needs_binary)
                writer_write(writer_at(i), profile, binary, fuzzing_nowhere(), &error);
        }
    }
    profile_free(profile);
    binary_free(binary);
}
