#include "analyzer/model/match/address_check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code/decoder.h"

/* Traces that are looked at: enough to tell, and quick. */
#define TRACES 1000

enum address_fit { FITS, DIFFERS, NOT_KNOWN };

static enum address_fit fit_branch(struct decoder *decoder, uint64_t from)
{
    struct instruction instruction;
    return decoder_decode(decoder, from, &instruction) && instruction.kind != INSTRUCTION_OTHER
               ? FITS
               : DIFFERS;
}

static enum address_fit fit_run(struct decoder *decoder, uint64_t start, uint64_t end)
{
    struct instruction instruction = {.address = start};
    bool known = decoder_decode(decoder, start, &instruction);
    while (known && instruction.address < end)
        known = instruction_falls_through(&instruction) &&
                decoder_decode(decoder, instruction.address + instruction.size, &instruction);
    return known && instruction.address == end ? FITS : DIFFERS;
}

/* Whether instructions that follow one another from the function's beginning meet the address. */
static enum address_fit fit_sample(struct decoder *decoder, const struct binary *binary,
                                   uint64_t address)
{
    const struct function *function = binary_function_at(binary, address);
    struct instruction instruction;
    size_t size;
    if (!binary_code_at(binary, address, &size))
        return DIFFERS;
    if (!function || function->is_plt)
        return NOT_KNOWN;
    for (uint64_t next = function->address; next < address; next += instruction.size) {
        if (!decoder_decode(decoder, next, &instruction))
            return NOT_KNOWN;
        if (next + instruction.size > address)
            return DIFFERS;
    }
    return FITS;
}

static enum address_fit fit_trace(struct decoder *decoder, const struct binary *binary,
                                  uint32_t module, const struct trace *trace)
{
    enum address_fit fit = NOT_KNOWN;
    if (trace->from.module == module)
        fit = fit_branch(decoder, trace->from.address);
    if (fit != DIFFERS && trace->to.module == module && trace->has_range)
        fit = fit_run(decoder, trace->to.address, trace->end);
    else if (trace->to.module == module && trace->from.module == PROFILE_MODULE_NONE)
        fit = fit_sample(decoder, binary, trace->to.address);
    return fit;
}

static int compare_counts(const void *left, const void *right)
{
    const struct trace *a = *(const struct trace *const *)left;
    const struct trace *b = *(const struct trace *const *)right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Those of the module, the most frequent first; NULL with ERROR_MEMORY. */
static const struct trace **find_traces(const struct profile *profile, uint32_t module,
                                        size_t *count, struct error *error)
{
    const struct trace **traces = calloc(profile->trace_count + 1, sizeof(struct trace *));
    *count = 0;
    if (!traces) {
        memory_exhausted(error);
        return NULL;
    }
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == module || trace->to.module == module)
            traces[(*count)++] = trace;
    }
    qsort((void *)traces, *count, sizeof(struct trace *), compare_counts);
    return traces;
}

static bool misfit(const struct binary *binary, uint32_t module, const struct trace *trace,
                   double share, struct error *error)
{
    uint64_t address = trace->to.module == module ? trace->to.address : trace->from.address;
    const struct function *function = binary_function_at(binary, address);
    error_set(error, ERROR_OTHER_BINARY, binary_path(binary),
              "%.0f%% of the most frequent branches and samples are where its code has none, first "
              "at %#" PRIx64 "%s%s",
              100 * share, address, function ? " in " : "", function ? function->name : "");
    return false;
}

bool profile_check_addresses(const struct profile *profile, uint32_t module,
                             const struct binary *binary, struct error *error)
{
    assert(profile->is_normalised);
    size_t count;
    double fitting = 0;
    double differing = 0;
    const struct trace *first = NULL;
    struct decoder *decoder = decoder_of(binary, error);
    const struct trace **traces = decoder ? find_traces(profile, module, &count, error) : NULL;
    bool done = traces != NULL;
    for (size_t i = 0; done && i < count && i < TRACES; i++) {
        switch (fit_trace(decoder, binary, module, traces[i])) {
        case FITS:
            fitting += (double)traces[i]->count;
            break;
        case DIFFERS:
            differing += (double)traces[i]->count;
            first = first ? first : traces[i];
            break;
        default:
            break;
        }
    }
    if (first && differing > fitting)
        done = misfit(binary, module, first, differing / (differing + fitting), error);
    free((void *)traces);
    return done;
}
