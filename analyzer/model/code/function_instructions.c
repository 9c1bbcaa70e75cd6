#include "analyzer/model/code/function_instructions.h"

#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

struct decoded {
    struct instruction *items; /* by address */
    size_t count, capacity;
    bool is_known;
};

struct function_instructions {
    const struct binary *binary;
    struct decoder *decoder;
    struct decoded *functions; /* by number of the function */
    bool failed;
};

struct function_instructions *function_instructions_new(const struct binary *binary,
                                                        struct error *error)
{
    struct function_instructions *instructions = calloc(1, sizeof(*instructions));
    if (!instructions) {
        memory_exhausted(error);
        return NULL;
    }
    instructions->binary = binary;
    instructions->functions =
        calloc(binary_function_count(binary) + 1, sizeof(*instructions->functions));
    if (!instructions->functions)
        memory_exhausted(error);
    instructions->decoder = instructions->functions ? decoder_of(binary, error) : NULL;
    if (instructions->decoder)
        return instructions;
    function_instructions_free(instructions);
    return NULL;
}

void function_instructions_free(struct function_instructions *instructions)
{
    if (!instructions)
        return;
    for (size_t i = 0; instructions->functions && i < binary_function_count(instructions->binary);
         i++)
        free(instructions->functions[i].items);
    free(instructions->functions);
    free(instructions);
}

bool function_instructions_failed(const struct function_instructions *instructions)
{
    return instructions->failed;
}

static void decode(struct function_instructions *instructions, const struct function *function,
                   struct decoded *decoded)
{
    struct error error; /* told of by `failed` */
    uint64_t end = function->address + function->extent;
    decoded->is_known = true;
    for (uint64_t address = function->address; address < end;) {
        struct instruction instruction;
        if (!decoder_decode(instructions->decoder, address, &instruction)) {
            address++;
            continue;
        }
        if (!memory_reserve(&decoded->items, &decoded->capacity, decoded->count + 1,
                            sizeof(*decoded->items), &error)) {
            instructions->failed = true;
            return;
        }
        decoded->items[decoded->count++] = instruction;
        address += instruction.size;
    }
}

/* Those of the function that the address is in, or NULL. */
static const struct decoded *decoded_at(struct function_instructions *instructions,
                                        uint64_t address)
{
    const struct function *function = binary_function_at(instructions->binary, address);
    if (!function || function->is_plt)
        return NULL;
    struct decoded *decoded =
        &instructions->functions[function - binary_function(instructions->binary, 0)];
    if (!decoded->is_known)
        decode(instructions, function, decoded);
    return decoded;
}

/* How many of them begin before the address. */
static size_t count_before(const struct decoded *decoded, uint64_t address)
{
    return SEARCH_COUNT(decoded->count, i, decoded->items[i].address < address);
}

const struct instruction *function_instructions_at(struct function_instructions *instructions,
                                                   uint64_t address)
{
    const struct decoded *decoded = decoded_at(instructions, address);
    size_t i = decoded ? count_before(decoded, address) : 0;
    return decoded && i < decoded->count && decoded->items[i].address == address
               ? &decoded->items[i]
               : NULL;
}

const struct instruction *function_instructions_before(struct function_instructions *instructions,
                                                       uint64_t address)
{
    const struct decoded *decoded = address > 0 ? decoded_at(instructions, address - 1) : NULL;
    size_t i = decoded ? count_before(decoded, address) : 0;
    return i > 0 ? &decoded->items[i - 1] : NULL;
}

bool function_instructions_are_straight(struct function_instructions *instructions, uint64_t start,
                                        uint64_t end)
{
    for (uint64_t address = start; address < end;) {
        const struct decoded *decoded = decoded_at(instructions, address);
        size_t i = decoded ? count_before(decoded, address) : 0;
        if (!decoded || i == decoded->count || decoded->items[i].address != address)
            return false;
        for (; i < decoded->count && decoded->items[i].address < end; i++) {
            if (!instruction_falls_through(&decoded->items[i]) ||
                decoded->items[i].kind == INSTRUCTION_CALL)
                return false;
        }
        address = decoded->items[i - 1].address + decoded->items[i - 1].size;
    }
    return start <= end;
}
