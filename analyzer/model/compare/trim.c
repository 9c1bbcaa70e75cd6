#include "analyzer/model/compare/trim.h"

#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/profile/normalise.h"

static void mark(bool *used, size_t count, struct location location)
{
    if (location.module < count)
        used[location.module] = true;
}

static void renumber(struct location *location, const uint32_t *numbers)
{
    if (location->module < PROFILE_MODULE_NONE)
        location->module = numbers[location->module];
}

/* Modules without anything in them go, but for those of the program itself. */
static bool drop_modules(struct profile *profile, struct error *error)
{
    size_t count = profile->module_count;
    bool *used = calloc(count + 1, sizeof(*used));
    uint32_t *numbers = calloc(count + 1, sizeof(*numbers));
    bool done = used && numbers;
    size_t kept = 0;
    if (!done)
        memory_exhausted(error);
    for (size_t i = 0; done && i < profile->trace_count; i++) {
        mark(used, count, profile->traces[i].from);
        mark(used, count, profile->traces[i].to);
    }
    for (size_t i = 0; done && i < profile->stack_count; i++)
        mark(used, count, profile->stacks[i].location);
    for (size_t i = 0; done && i < count; i++) {
        if (!used[i] && !profile->modules[i].is_main) {
            free(profile->modules[i].path);
            continue;
        }
        numbers[i] = (uint32_t)kept;
        profile->modules[kept++] = profile->modules[i];
    }
    if (done)
        profile->module_count = kept;
    for (size_t i = 0; done && i < profile->trace_count; i++) {
        renumber(&profile->traces[i].from, numbers);
        renumber(&profile->traces[i].to, numbers);
    }
    for (size_t i = 0; done && i < profile->stack_count; i++)
        renumber(&profile->stacks[i].location, numbers);
    free(used);
    free(numbers);
    return done;
}

/* Normalising takes what counts 0 away. */
static bool drop_zeros(struct profile *profile, struct error *error)
{
    return profile_normalise(profile, error) && drop_modules(profile, error) &&
           profile_normalise(profile, error);
}

bool profile_trim_module(struct profile *profile, uint32_t module, struct error *error)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        struct trace *trace = &profile->traces[i];
        if (trace->from.module != module && trace->to.module != module)
            trace->count = 0;
    }
    for (size_t i = 0; i < profile->stack_count; i++) {
        if (profile->stacks[i].location.module != module)
            profile->stacks[i].count = 0;
    }
    return drop_zeros(profile, error);
}

static bool is_rare(uint64_t count, double total, double share)
{
    return (double)count < total * share;
}

bool profile_trim_share(struct profile *profile, double share, struct error *error)
{
    double traces = 0;
    double stacks = 0;
    for (size_t i = 0; i < profile->trace_count; i++)
        traces += (double)profile->traces[i].count;
    for (size_t i = 0; i < profile->stack_count; i++)
        stacks += (double)profile->stacks[i].count;
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (is_rare(profile->traces[i].count, traces, share))
            profile->traces[i].count = 0;
    }
    for (size_t i = 0; i < profile->stack_count; i++) {
        if (is_rare(profile->stacks[i].count, stacks, share))
            profile->stacks[i].count = 0;
    }
    return drop_zeros(profile, error);
}

void symbol_profile_trim_share(struct symbol_profile *profile, double share)
{
    double total = (double)symbol_profile_total(profile);
    size_t kept = 0;
    for (size_t i = 0; i < profile->count; i++) {
        if (!is_rare(profile->records[i].count, total, share))
            profile->records[kept++] = profile->records[i];
    }
    profile->count = kept;
}

void sample_profile_trim_share(struct sample_profile *samples, double share)
{
    struct sample_function *top = &samples->top;
    double total = (double)sample_function_sum(top);
    size_t kept = 0;
    for (size_t i = 0; i < top->inlined_count; i++) {
        struct sample_function *function = top->inlined[i];
        if (is_rare(sample_function_sum(function), total, share))
            sample_function_free(function);
        else
            top->inlined[kept++] = function;
    }
    top->inlined_count = kept;
}
