#include "analyzer/model/counts/original_profile.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/counts/original_code.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/normalise.h"

/* Of a binary that is the recorded one, less than one in 50 counts does not fit. */
#define MISFITTING 50

struct profile_translation {
    const struct profile *from;
    struct profile *into;
    uint32_t module; /* the rewritten one in `from` */
    const uint32_t *numbers;
    struct original_code code;
    struct original_accounts *accounts;
    struct error *error;
};

static const struct location nowhere = {PROFILE_MODULE_OUTSIDE, 0};

static struct location elsewhere(const struct profile_translation *translation,
                                 struct location location)
{
    if (location.module < PROFILE_MODULE_NONE)
        location.module = translation->numbers[location.module];
    return location;
}

static void account(struct profile_translation *translation, bool is_kept, uint64_t count)
{
    uint64_t *sum = is_kept ? &translation->accounts->kept : &translation->accounts->lost;
    *sum = count_add(*sum, count);
}

static struct location source_of(struct profile_translation *translation, struct location from,
                                 struct location to)
{
    struct location found = elsewhere(translation, from);
    if (from.module != translation->module)
        return found;
    bool stays = to.module == translation->numbers[translation->module];
    return original_code_source(&translation->code, from.address, stays ? to.address : 0,
                                &found.address)
               ? found
               : nowhere;
}

static struct location target_of(const struct profile_translation *translation, struct location to)
{
    struct location found = elsewhere(translation, to);
    if (to.module != translation->module)
        return found;
    return original_code_target(&translation->code, to.address, &found.address) ? found : nowhere;
}

/* --- runs -------------------------------------------------------------------------------- */

static bool finish_piece(struct profile_translation *translation, struct trace *piece, uint64_t end)
{
    piece->end = end;
    piece->has_range = end >= piece->to.address;
    return profile_add_trace(translation->into, piece, translation->error);
}

/* The next beginning of a block behind `at`, at or before `last`; -1: there is none. */
static ptrdiff_t next_block(const struct bolt_translation *table, ptrdiff_t at, ptrdiff_t last)
{
    for (at++; at <= last; at++) {
        if (!table->places[at].is_branch)
            return at;
    }
    return -1;
}

/*
 * The pieces of a run from the trace's target to `end` in the rewritten binary, `piece` the
 * first: all of each block but the last ran.
 */
static bool add_run(struct profile_translation *translation, struct trace *piece, uint64_t start,
                    uint64_t end)
{
    const struct original_code *code = &translation->code;
    const struct bolt_fragment *fragment, *of_end;
    struct instruction instruction;
    uint64_t function, unused;
    if (!original_code_fragment(code, start, &fragment, &function) ||
        !original_code_fragment(code, end, &of_end, &unused) || fragment != of_end) {
        piece->has_range = false;
        return profile_add_trace(translation->into, piece, translation->error);
    }
    if (!fragment)
        return finish_piece(translation, piece, end);
    ptrdiff_t at = bolt_block_at(&code->table, fragment, start - fragment->address);
    ptrdiff_t last = bolt_block_at(&code->table, fragment, end - fragment->address);
    uint64_t in_block = piece->to.address;
    if (at == last && at >= 0 &&
        original_code_is_past(code, function + code->table.places[at].input, in_block)) {
        piece->has_range = false;
        return profile_add_trace(translation->into, piece, translation->error);
    }
    for (ptrdiff_t next; at >= 0 && (next = next_block(&code->table, at, last)) >= 0; at = next) {
        uint64_t next_start = function + code->table.places[next].input;
        uint64_t block_end = original_code_block_end_to(code, in_block, next_start);
        bool goes_on = decoder_decode(code->of_original, block_end, &instruction) &&
                       block_end + instruction.size == next_start;
        if (!goes_on) {
            struct location from = {piece->to.module, block_end};
            if (!finish_piece(translation, piece, block_end))
                return false;
            piece->from = from;
            piece->to.address = next_start;
        }
        in_block = next_start;
    }
    return finish_piece(translation, piece,
                        original_code_run_end(code, fragment, function, end, in_block));
}

/* All that BOLT makes of one binary has one build-id. */
static bool is_branch(const struct profile_translation *translation, uint64_t address)
{
    struct instruction instruction;
    return decoder_decode(translation->code.of_rewritten, address, &instruction) &&
           instruction.kind != INSTRUCTION_OTHER;
}

static bool add_trace(struct profile_translation *translation, const struct trace *trace)
{
    struct trace piece = *trace;
    bool is_to = trace->to.module == translation->module;
    bool is_from = trace->from.module == translation->module;
    piece.to = target_of(translation, trace->to);
    piece.from = source_of(translation, trace->from, piece.to);
    if (is_to || is_from)
        account(translation,
                !(is_to && piece.to.module == PROFILE_MODULE_OUTSIDE) &&
                    !(is_from && piece.from.module == PROFILE_MODULE_OUTSIDE),
                trace->count);
    if (is_from && !is_branch(translation, trace->from.address))
        translation->accounts->misfitting =
            count_add(translation->accounts->misfitting, trace->count);
    if (piece.to.module == PROFILE_MODULE_OUTSIDE)
        piece.has_range = false;
    if (!is_to || !piece.has_range)
        return profile_add_trace(translation->into, &piece, translation->error);
    return add_run(translation, &piece, trace->to.address, trace->end);
}

/* --- the rest ------------------------------------------------------------------------------ */

static bool add_modules(struct profile_translation *translation, uint32_t *numbers,
                        const struct binary *original)
{
    for (size_t i = 0; i < translation->from->module_count; i++) {
        struct module module = translation->from->modules[i];
        if (i == translation->module) {
            uint32_t size;
            const uint8_t *build_id = binary_build_id(original, &size);
            module.path = (char *)binary_path(original);
            module.build_id_size = size < PROFILE_BUILD_ID_MAX ? size : PROFILE_BUILD_ID_MAX;
            if (build_id)
                memcpy(module.build_id, build_id, module.build_id_size);
            binary_range(original, &module.low_address, &module.high_address);
        }
        if (!profile_add_module(translation->into, &module, &numbers[i], translation->error))
            return false;
    }
    return true;
}

static bool add_stacks(struct profile_translation *translation)
{
    for (size_t i = 0; i < translation->from->stack_count; i++) {
        struct stack_node node = translation->from->stacks[i];
        struct location at = node.location;
        node.location = elsewhere(translation, at);
        if (at.module == translation->module &&
            !original_code_inside(&translation->code, at.address, &node.location.address))
            node.location = nowhere;
        if (!profile_add_stack(translation->into, &node, translation->error))
            return false;
    }
    return true;
}

static bool translate(struct profile_translation *translation)
{
    const struct profile *from = translation->from;
    for (size_t i = 0; i < from->trace_count; i++) {
        if (!add_trace(translation, &from->traces[i]))
            return false;
    }
    for (size_t i = 0; i < from->recording_count; i++) {
        if (!profile_add_recording(translation->into, &from->recordings[i], translation->error))
            return false;
    }
    return add_stacks(translation) && profile_normalise(translation->into, translation->error);
}

struct profile *original_profile_new(const struct profile *profile, uint32_t module,
                                     const struct binary *rewritten, const struct binary *original,
                                     struct original_accounts *accounts, struct error *error)
{
    struct profile_translation translation = {.from = profile,
                                              .into = profile_new(error),
                                              .module = module,
                                              .accounts = accounts,
                                              .error = error};
    uint32_t *numbers = calloc(profile->module_count + 1, sizeof(*numbers));
    *accounts = (struct original_accounts){0};
    if (!numbers)
        memory_exhausted(error);
    translation.numbers = numbers;
    bool done = translation.into && numbers &&
                original_code_open(&translation.code, rewritten, original, error) &&
                add_modules(&translation, numbers, original) && translate(&translation);
    original_code_close(&translation.code);
    free(numbers);
    if (!done) {
        profile_free(translation.into);
        return NULL;
    }
    return translation.into;
}

bool original_accounts_misfit(const struct original_accounts *accounts)
{
    return accounts->misfitting > count_add(accounts->kept, accounts->lost) / MISFITTING;
}

struct profile *original_profile_of(const struct profile *profile, const struct binary *rewritten,
                                    const struct binary *original,
                                    struct original_accounts *accounts, struct error *error)
{
    uint32_t module;
    if (!binary_find_module(rewritten, profile, &module, error) ||
        !profile_check_addresses(profile, module, rewritten, error))
        return NULL;
    return original_profile_new(profile, module, rewritten, original, accounts, error);
}
