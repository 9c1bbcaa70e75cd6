#include "analyzer/model/sample_build.h"

#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/sample_parts.h"

/* --- names --------------------------------------------------------------------------- */

/* Where a suffix begins that the compiler gave to a copy of the function, or NULL. */
static const char *copy_suffix(const char *name, size_t size, const char *suffix)
{
    size_t suffix_size = strlen(suffix);
    const char *dot = memrchr(name, '.', size);
    if (!dot || (size_t)(dot - name) + 1 < suffix_size)
        return NULL;
    const char *start = dot + 1 - suffix_size;
    return memcmp(start, suffix, suffix_size) == 0 ? start : NULL;
}

const char *sample_plain_name(struct sample_profile *samples, const char *name, struct error *error)
{
    static const char *const suffixes[] = {".llvm.", ".part."};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        const char *suffix = copy_suffix(name, size, suffixes[i]);
        if (suffix)
            size = (size_t)(suffix - name);
    }
    return sample_profile_name(samples, name, size, error);
}

/* Initialisers have the same names in every source file and are not the same function. */
static bool is_ambiguous(const char *name)
{
    return strncmp(name, "__cxx_global_var_init", 21) == 0 || strncmp(name, "__tls_init", 10) == 0;
}

/* --- the finished profile -------------------------------------------------------------- */

/* A place that calls counts as often as it called; llvm-profgen does so at the top alone. */
static void raise_to_calls(struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++) {
        struct sample_record *record = &function->records[i];
        uint64_t called = 0;
        for (size_t k = 0; k < record->target_count; k++)
            called = count_add(called, record->targets[k].count);
        if (record->count < called)
            record->count = called;
    }
}

static void drop_ambiguous(struct sample_function *function)
{
    size_t kept = 0;
    for (size_t i = 0; i < function->inlined_count; i++) {
        struct sample_function *inlined = function->inlined[i];
        if (is_ambiguous(inlined->name)) {
            sample_function_free(inlined);
            continue;
        }
        drop_ambiguous(inlined);
        function->inlined[kept++] = inlined;
    }
    function->inlined_count = kept;
}

static bool finish(struct sample_profile *samples, const struct binary *binary, struct error *error)
{
    drop_ambiguous(&samples->top);
    if (samples->top.inlined_count == 0) {
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(binary), "none for the code that ran");
        return false;
    }
    for (size_t i = 0; i < samples->top.inlined_count; i++)
        raise_to_calls(samples->top.inlined[i]);
    sample_profile_sort(samples);
    return true;
}

bool sample_profile_build(struct sample_profile *samples, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct error *error)
{
    struct transfers transfers;
    struct source_lines *lines = source_lines_open(binary, error);
    *samples = (struct sample_profile){0};
    if (!lines)
        return false;
    bool done = transfers_build(&transfers, profile, module, binary, error) &&
                sample_count_lines(samples, lines, &transfers, binary, error) &&
                finish(samples, binary, error);
    transfers_free(&transfers);
    source_lines_free(lines);
    return done;
}
