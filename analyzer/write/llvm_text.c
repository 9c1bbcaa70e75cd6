/*
 * LLVM's sample profile as text, for clang -fprofile-sample-use: a function a
 * line, NAME:TOTAL:HEAD, under it its places, OFFSET.DISCRIMINATOR: COUNT
 * CALLEE:COUNT..., and what was inlined into it, OFFSET.DISCRIMINATOR:
 * NAME:TOTAL, with its own places one blank deeper.  Each may end with the
 * checksum of the function's control flow and with what the inliner says of it.
 */
#include <inttypes.h>

#include "analyzer/model/samples/build.h"
#include "analyzer/write/formats.h"
#include "analyzer/write/llvm.h"

/* Most of a profile is numbers, for which fprintf does too much. */
static void print_number(FILE *stream, uint64_t number)
{
    char digits[20];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    fwrite(digits + first, 1, sizeof(digits) - first, stream);
}

static void print_place(FILE *stream, unsigned depth, struct sample_place place)
{
    for (unsigned i = 0; i < depth; i++)
        putc_unlocked(' ', stream);
    print_number(stream, place.line_offset);
    if (place.discriminator > 0) {
        putc_unlocked('.', stream);
        print_number(stream, place.discriminator);
    }
    fputs(": ", stream);
}

/* As deep as functions were inlined into one another. */
static void print_body(FILE *stream, unsigned depth, bool by_probes,
                       const struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++) {
        const struct sample_record *record = &function->records[i];
        print_place(stream, depth, record->place);
        print_number(stream, record->count);
        for (size_t k = 0; k < record->target_count; k++)
            fprintf(stream, " %s:%" PRIu64, record->targets[k].function, record->targets[k].count);
        putc_unlocked('\n', stream);
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        const struct sample_function *inlined = function->inlined[i];
        print_place(stream, depth, inlined->call);
        fprintf(stream, "%s:%" PRIu64 "\n", inlined->name, inlined->total);
        print_body(stream, depth + 1, by_probes, inlined);
    }
    if (by_probes)
        fprintf(stream, "%*s!CFGChecksum: %" PRIu64 "\n", (int)depth, "", function->checksum);
    if (function->attributes)
        fprintf(stream, "%*s!Attributes: %" PRIu32 "\n", (int)depth, "", function->attributes);
    if (function->is_flat)
        fprintf(stream, "%*s!Flat\n", (int)depth, "");
}

void sample_profile_write_text(const struct sample_profile *samples, FILE *stream)
{
    for (size_t i = 0; i < samples->top.inlined_count; i++) {
        const struct sample_function *function = samples->top.inlined[i];
        fprintf(stream, "%s:%" PRIu64 ":%" PRIu64 "\n", function->name, function->total,
                function->head);
        print_body(stream, 1, samples->by_probes, function);
    }
}

static bool write_llvm_text(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct sample_profile samples;
    bool done = sample_profile_build_contexts(&samples, input->profile, input->module,
                                              input->binary, &input->contexts, error);
    if (done) {
        sample_profile_write_text(&samples, stream);
        address_accounts_tell(&samples.accounts);
    }
    sample_profile_free(&samples);
    return done;
}

const struct writer writer_llvm_text = {
    .name = "llvm-text",
    .suffix = "prof",
    .description = "sample profile by pseudo-probe or source line for clang -fprofile-sample-use",
    .needs_binary = true,
    .wants_executions = true,
    .takes_contexts = true,
    .write = write_llvm_text,
};
