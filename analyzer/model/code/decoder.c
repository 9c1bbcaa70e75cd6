#include "analyzer/model/code/decoder.h"

#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code/instruction_set.h"

/* Instructions that are kept, a power of two: code is gone through by several that ask. */
#define KEPT 16384

struct decoder {
    const struct binary *binary;
    const struct instruction_set *set;
    void *state;                   /* the set's */
    struct instruction kept[KEPT]; /* by the low bits of the address; size 0: none */
};

static const struct instruction_set *set_of(uint16_t machine)
{
    static const struct instruction_set *const own[] = {&instructions_x86_64,
                                                        &instructions_aarch64};
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (own[i]->machine == machine)
            return own[i];
    }
    return instructions_by_capstone(machine);
}

static void decoder_free(void *freed)
{
    struct decoder *decoder = freed;
    if (decoder->state)
        decoder->set->close(decoder->state);
    free(decoder);
}

struct decoder *decoder_of(const struct binary *binary, struct error *error)
{
    struct binary_attachment *attachment = binary_attachment(binary);
    if (attachment->kept)
        return attachment->kept;
    const struct instruction_set *set = set_of(binary_machine(binary));
    if (!set) {
        char machine[32];
        error_set(error, ERROR_MACHINE, binary_path(binary), "%s",
                  machine_text(binary_machine(binary), machine));
        return NULL;
    }
    struct decoder *decoder = calloc(1, sizeof(*decoder));
    if (!decoder) {
        memory_exhausted(error);
        return NULL;
    }
    decoder->binary = binary;
    decoder->set = set;
    if (set->open && !(decoder->state = set->open(binary, error))) {
        decoder_free(decoder);
        return NULL;
    }
    *attachment = (struct binary_attachment){decoder, decoder_free};
    return decoder;
}

bool decoder_decode(struct decoder *decoder, uint64_t address, struct instruction *instruction)
{
    size_t size;
    struct instruction *kept = &decoder->kept[address % KEPT];
    if (kept->size == 0 || kept->address != address) {
        const uint8_t *bytes = binary_code_at(decoder->binary, address, &size);
        struct instruction decoded;
        if (!bytes || address % decoder->set->alignment != 0 ||
            !decoder->set->decode(decoder->state, address, bytes, size, &decoded))
            return false;
        *kept = decoded;
    }
    *instruction = *kept;
    return true;
}

bool decoder_follows_call(struct decoder *decoder, uint64_t address)
{
    const struct instruction_set *set = decoder->set;
    for (uint64_t back = set->shortest_call; back <= set->longest_call && back <= address; back++) {
        struct instruction instruction;
        if (decoder_decode(decoder, address - back, &instruction) && instruction.size == back &&
            instruction.kind == INSTRUCTION_CALL)
            return true;
    }
    return false;
}
