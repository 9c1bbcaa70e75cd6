/*
 * libFuzzer harness of profiles of what BOLT wrote, made ones of what it started from.  An
 * input is that binary and, from the last place that begins as an ELF file does, the rewritten
 * one; the profile is made up: runs, branches and call stacks all over its first functions.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/model/counts/original_profile.h"
#include "analyzer/model/profile/normalise.h"
#include "tests/fuzz/fuzzing.h"

#define FUNCTIONS 8
#define OFFSETS 48

static struct binary *open_bytes(const uint8_t *bytes, size_t size)
{
    char path[64];
    struct error error;
    int descriptor = memfd_create("binary", 0);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    struct binary *binary = binary_open(path, &error);
    close(descriptor);
    return binary;
}

/* Places in the function and behind it, none of them twice in a row. */
static uint64_t place(const struct function *function, unsigned number)
{
    return function->address + (number * 7) % (function->size + 16);
}

static bool make_up(struct profile *profile, const struct binary *binary, struct error *error)
{
    struct module module = {.path = "rewritten", .is_main = true};
    uint32_t number;
    if (!profile_add_module(profile, &module, &number, error))
        return false;
    for (size_t i = 0; i < binary_function_count(binary) && i < FUNCTIONS; i++) {
        const struct function *function = binary_function(binary, i);
        for (unsigned k = 0; k < OFFSETS; k++) {
            struct trace trace = {.from = {number, place(function, k)},
                                  .to = {number, place(function, k * 5 + 1)},
                                  .count = k + 1};
            if (k % 4 == 0)
                trace.from.module = PROFILE_MODULE_NONE;
            trace.end = trace.to.address + k;
            trace.has_range = k % 3 != 0;
            struct stack_node node = {.location = trace.to, .count = 1};
            if (!profile_add_trace(profile, &trace, error) ||
                !profile_add_stack(profile, &node, error))
                return false;
        }
    }
    return profile_normalise(profile, error);
}

/* Each branch and run is kept or lost; pieces of runs come on top. */
static void check(const struct profile *made, const struct profile *translated,
                  const struct original_accounts *accounts)
{
    uint64_t before = 0, after = 0;
    for (size_t i = 0; i < made->trace_count; i++)
        before += made->traces[i].count;
    for (size_t i = 0; i < translated->trace_count; i++)
        after += translated->traces[i].count;
    assert(accounts->kept + accounts->lost == before && accounts->misfitting <= before);
    assert(after >= before);
}

static void translate(const struct binary *rewritten, const struct binary *original)
{
    struct error error;
    struct original_accounts accounts;
    struct profile *made = profile_new(&error);
    if (made && make_up(made, rewritten, &error)) {
        struct profile *translated =
            original_profile_new(made, 0, rewritten, original, &accounts, &error);
        if (translated)
            check(made, translated, &accounts);
        profile_free(translated);
    }
    profile_free(made);
}

/* Where the second file begins; 0 where there is none. */
static size_t find_second(const uint8_t *bytes, size_t size)
{
    for (size_t at = size; at-- > 1;) {
        if (size - at >= 4 && memcmp(bytes + at, "\177ELF", 4) == 0)
            return at;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t second = find_second(bytes, size);
    struct binary *original = open_bytes(bytes, second ? second : size);
    struct binary *rewritten = original ? open_bytes(bytes + second, size - second) : NULL;
    if (rewritten)
        translate(rewritten, original);
    binary_free(rewritten);
    binary_free(original);
    return 0;
}
