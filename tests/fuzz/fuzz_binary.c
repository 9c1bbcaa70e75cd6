/* libFuzzer harness of what is read from binaries: symbols, code, debug information, probes,
 * blocks. */
#include <string.h>

#include "analyzer/model/binary.h"
#include "analyzer/write/writer.h"
#include "tests/fuzz/fuzzing.h"

#define FUNCTIONS 16

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
                               .has_run = true,
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error error;
    struct binary *binary = binary_open(fuzzing_file(bytes, size), &error);
    struct profile *profile = binary ? profile_new(&error) : NULL;
    if (profile && make_up(profile, binary, &error)) {
        for (size_t i = 0; writer_at(i); i++) {
            if (writer_at(i)->needs_binary)
                writer_write(writer_at(i), profile, binary, fuzzing_nowhere(), &error);
        }
    }
    profile_free(profile);
    binary_free(binary);
    return 0;
}
