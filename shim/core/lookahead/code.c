#include "shim/core/lookahead/code.h"

#include <string.h>

#include "shim/core/lookahead/decode.h"
#include "shim/core/modules/modules.h"

#define CHAIN_LENGTH 12u        /* instructions decoded at once */
#define WINDOW_OPERATIONS 2048u /* room that a window finds at its beginning */
#define READ_SIZE 256u

void code_begin(struct code *code, struct pages *pages)
{
    uint32_t generation = modules_generation();
    code->pages = pages;
    if (code->count != 0 && code->generation == generation &&
        code->count + WINDOW_OPERATIONS <= CODE_OPERATIONS &&
        code->entry_count + WINDOW_OPERATIONS / 4 <= CODE_ENTRIES)
        return;
    memset(code->entries, 0, sizeof(code->entries));
    code->entry_count = 0;
    code->count = 1; /* operation 0 is the invalid one */
    code->generation = generation;
}

static struct code_entry *entry_find(struct code *code, uint64_t address)
{
    uint32_t slot = (uint32_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 50);
    while (code->entries[slot].address && code->entries[slot].address != address)
        slot = (slot + 1) % CODE_ENTRIES;
    return &code->entries[slot];
}

/* Bytes of code at `address`, as many as there are up to READ_SIZE. */
static size_t code_read(struct pages *pages, uint8_t *bytes, uint64_t address,
                        const struct loaded_module *module)
{
    size_t size = READ_SIZE;
    if (module->end - address < size)
        size = module->end - address;
    if (pages_read(pages, bytes, address, size))
        return size;
    /* The next page may not be readable. */
    size = 4096 - address % 4096;
    return size < READ_SIZE && pages_read(pages, bytes, address, size) ? size : 0;
}

static uint32_t chain_decode(struct code *code, uint64_t address)
{
    uint8_t bytes[READ_SIZE + 16];
    struct loaded_module module;
    uint32_t first = code->count;
    size_t size, at = 0;
    bool goes_on = true;

    /* Code outside modules may change at any moment (JIT): it is not followed. */
    if (!modules_find(address, &module))
        return 0;
    size = code_read(code->pages, bytes, address, &module);
    if (size == 0)
        return 0;
    for (uint32_t i = 0; goes_on && i < CHAIN_LENGTH && size - at >= 15; i++) {
        struct operation *operation = &code->operations[code->count++];
        goes_on = decode_instruction(bytes + at, size - at, address + at, operation);
        at += operation->length;
        code->decoded++;
    }
    if (code->count == first) { /* fewer bytes than the longest instruction before the end */
        goes_on = decode_instruction(bytes, size, address, &code->operations[code->count++]);
        at = code->operations[first].length;
        code->decoded++;
    }
    if (goes_on) {
        struct operation *operation = &code->operations[code->count++];
        memset(operation, 0, sizeof(*operation));
        operation->code = OPERATION_CONTINUE;
        operation->target = address + at;
    }
    return first;
}

uint32_t code_find(struct code *code, uint64_t address)
{
    struct code_entry *entry = entry_find(code, address);
    uint32_t first;

    if (entry->address)
        return entry->operation;
    if (code->count + CHAIN_LENGTH + 1 > CODE_OPERATIONS || code->entry_count + 1 >= CODE_ENTRIES)
        return 0;
    first = chain_decode(code, address);
    if (first) {
        entry->address = address;
        entry->operation = first;
        code->entry_count++;
    }
    return first;
}
