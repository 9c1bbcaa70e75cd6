#include "analyzer/model/counts/original_code.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

static bool add_start(struct original_code *code, uint64_t start, struct error *error)
{
    if (!memory_reserve(&code->starts, &code->start_capacity, code->start_count + 1,
                        sizeof(*code->starts), error))
        return false;
    code->starts[code->start_count++] = start;
    return true;
}

static bool find_starts(struct original_code *code, struct error *error)
{
    const struct bolt_translation *table = &code->table;
    for (size_t i = 0; i < table->fragment_count; i++) {
        const struct bolt_fragment *fragment = &table->fragments[i];
        uint64_t function;
        if (!function_pairs_find(&code->functions, fragment->parent, &function))
            continue;
        for (size_t k = 0; k < fragment->count; k++) {
            const struct bolt_place *place = &table->places[fragment->first + k];
            if (!place->is_branch && !add_start(code, function + place->input, error))
                return false;
        }
    }
    if (code->start_count > 0)
        qsort(code->starts, code->start_count, sizeof(*code->starts), compare_u64);
    return true;
}

bool original_code_open(struct original_code *code, const struct binary *rewritten,
                        const struct binary *original, struct error *error)
{
    *code = (struct original_code){.rewritten = rewritten, .original = original};
    code->of_rewritten = decoder_of(rewritten, error);
    code->of_original = code->of_rewritten ? decoder_of(original, error) : NULL;
    return code->of_original && bolt_translation_read(&code->table, rewritten, error) &&
           function_pairs_read(&code->functions, rewritten, original, error) &&
           find_starts(code, error);
}

void original_code_close(struct original_code *code)
{
    bolt_translation_free(&code->table);
    function_pairs_free(&code->functions);
    free(code->starts);
    *code = (struct original_code){0};
}

bool original_code_fragment(const struct original_code *code, uint64_t address,
                            const struct bolt_fragment **fragment, uint64_t *function)
{
    const struct function *found = binary_function_at(code->rewritten, address);
    size_t size;
    *fragment = found ? bolt_translation_find(&code->table, found->address) : NULL;
    if (*fragment)
        return function_pairs_find(&code->functions, (*fragment)->parent, function);
    return binary_code_at(code->original, address, &size) != NULL;
}

/* The first byte behind the block that the address is in, as far as the table tells. */
static uint64_t block_limit(const struct original_code *code, uint64_t address)
{
    size_t next = SEARCH_COUNT(code->start_count, i, code->starts[i] <= address);
    return next < code->start_count ? code->starts[next] : UINT64_MAX;
}

/*
 * The first instruction at or behind `wanted`, counted from `from` on in the same block: BOLT may
 * have taken out what does nothing and made others shorter.
 */
static uint64_t instruction_from(const struct original_code *code, uint64_t from, uint64_t wanted)
{
    uint64_t limit = block_limit(code, from);
    struct instruction instruction;
    uint64_t last = from;
    while (from < wanted && from < limit && decoder_decode(code->of_original, from, &instruction)) {
        last = from;
        from += instruction.size;
    }
    return from < limit ? from : last;
}

bool original_code_is_past(const struct original_code *code, uint64_t start, uint64_t address)
{
    return address >= block_limit(code, start);
}

/* The place of the original that is nearest before the address, and how many bytes behind it. */
static bool find_nearest(const struct original_code *code, uint64_t address, uint64_t *original,
                         uint64_t *behind)
{
    const struct bolt_fragment *fragment;
    uint64_t function;
    *original = address;
    *behind = 0;
    if (!original_code_fragment(code, address, &fragment, &function))
        return false;
    if (!fragment)
        return true;
    uint64_t offset = address - fragment->address;
    ptrdiff_t at = bolt_place_at(&code->table, fragment, offset);
    if (at < 0)
        return false;
    *original = function + code->table.places[at].input;
    *behind = offset - code->table.places[at].output;
    return true;
}

bool original_code_target(const struct original_code *code, uint64_t address, uint64_t *original)
{
    uint64_t from, behind;
    struct instruction before, call;
    if (!find_nearest(code, address, &from, &behind))
        return false;
    *original = from;
    if (behind == 0)
        return true;
    /* Behind a call the block may be over, and what comes there be a jump of BOLT's. */
    if (decoder_decode(code->of_rewritten, address - behind, &before) && before.size == behind &&
        before.kind == INSTRUCTION_CALL && decoder_decode(code->of_original, from, &call) &&
        call.kind == INSTRUCTION_CALL)
        *original = from + call.size;
    else
        *original = instruction_from(code, from, from + behind);
    return true;
}

bool original_code_inside(const struct original_code *code, uint64_t address, uint64_t *original)
{
    uint64_t from, behind;
    if (!find_nearest(code, address, &from, &behind))
        return false;
    *original = from + behind;
    return true;
}

uint64_t original_code_block_end(const struct original_code *code, uint64_t start)
{
    uint64_t limit = block_limit(code, start);
    struct instruction instruction;
    uint64_t last = start;
    while (start < limit && decoder_decode(code->of_original, start, &instruction)) {
        last = start;
        if (!instruction_falls_through(&instruction) || instruction.kind == INSTRUCTION_CONDITIONAL)
            break;
        start += instruction.size;
    }
    return last;
}

uint64_t original_code_block_end_to(const struct original_code *code, uint64_t start,
                                    uint64_t target)
{
    uint64_t last = original_code_block_end(code, start);
    struct instruction branch, jump;
    if (decoder_decode(code->of_original, last, &branch) &&
        branch.kind == INSTRUCTION_CONDITIONAL && branch.target != target &&
        last + branch.size != target && last + branch.size < block_limit(code, start) &&
        decoder_decode(code->of_original, last + branch.size, &jump) &&
        jump.kind == INSTRUCTION_JUMP && !jump.is_indirect && jump.target == target)
        return jump.address;
    return last;
}

/*
 * Whether the table names the instruction itself; then its place, else that of the block.  Where
 * a block begins with a branch or call, the table names the block alone.
 */
static bool find_place(const struct original_code *code, const struct bolt_fragment *fragment,
                       uint64_t function, uint64_t address, const struct bolt_place **place)
{
    uint64_t offset = address - fragment->address;
    ptrdiff_t at = bolt_place_at(&code->table, fragment, offset);
    struct instruction now, before;
    *place = at >= 0 ? &code->table.places[at] : NULL;
    if (at >= 0 && (*place)->output == offset)
        return (*place)->is_branch ||
               (decoder_decode(code->of_rewritten, address, &now) &&
                decoder_decode(code->of_original, function + (*place)->input, &before) &&
                now.kind == before.kind);
    at = bolt_block_at(&code->table, fragment, offset);
    *place = at >= 0 ? &code->table.places[at] : NULL;
    return false;
}

bool original_code_source(const struct original_code *code, uint64_t address, uint64_t target,
                          uint64_t *original)
{
    const struct bolt_fragment *fragment;
    const struct bolt_place *place;
    uint64_t function;
    *original = address;
    if (!original_code_fragment(code, address, &fragment, &function))
        return false;
    if (!fragment)
        return true;
    bool is_exact = find_place(code, fragment, function, address, &place);
    if (!place)
        return false;
    *original = function + place->input;
    if (!is_exact)
        *original = original_code_block_end_to(code, *original, target);
    return true;
}

uint64_t original_code_run_end(const struct original_code *code,
                               const struct bolt_fragment *fragment, uint64_t function,
                               uint64_t address, uint64_t start)
{
    const struct bolt_place *place;
    struct instruction instruction;
    uint64_t end;
    if (find_place(code, fragment, function, address, &place))
        return function + place->input;
    if (decoder_decode(code->of_rewritten, address, &instruction) &&
        instruction.kind == INSTRUCTION_OTHER && original_code_target(code, address, &end))
        return end;
    return original_code_block_end(code, start);
}
