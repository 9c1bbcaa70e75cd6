#include "shim/core/lookahead/code_cache.h"

#include <string.h>

#include "shim/core/lookahead/decode.h"
#include "shim/core/modules/modules.h"

#define CHAIN_LENGTH 12u        /* instructions decoded at once */
#define WINDOW_OPERATIONS 4096u /* room that a window finds at its beginning */
#define READ_SIZE 256u
#define LONGEST_INSTRUCTION 15u

void code_begin(struct decoded_code *code, struct memory_lines *lines)
{
    uint32_t generation = modules_generation();

    code->lines = lines;
    code->window++;
    if (code->count != 0 && code->generation == generation &&
        code->count + WINDOW_OPERATIONS <= CODE_OPERATIONS &&
        code->entry_count + WINDOW_OPERATIONS / 4 <= CODE_ENTRIES)
        return;
    memset(code->entries, 0, sizeof(code->entries));
    code->entry_count = 0;
    code->count = 1; /* operation 0 is the invalid one */
    code->generation = generation;
}

bool code_is_void(const struct decoded_code *code)
{
    return code->generation != modules_generation();
}

static struct code_entry *entry_find(struct decoded_code *code, uint64_t address)
{
    uint32_t slot = (uint32_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 50);
    while (code->entries[slot].address && code->entries[slot].address != address)
        slot = (slot + 1) % CODE_ENTRIES;
    return &code->entries[slot];
}

/* Bytes of code at `address` in a module, as many as there are up to READ_SIZE. */
static size_t module_read(struct decoded_code *code, uint8_t *bytes, uint64_t address,
                          const struct loaded_module *module)
{
    struct pages *pages = code->lines->pages;
    size_t size = READ_SIZE;
    if (module->end - address < size)
        size = module->end - address;
    if (pages_read(pages, bytes, address, size))
        return size;
    /* The next page may not be readable. */
    size = PAGE_SIZE - address % PAGE_SIZE;
    return size < READ_SIZE && pages_read(pages, bytes, address, size) ? size : 0;
}

/* `size` bytes as the window sees them, its own stores included; returns how many are known. */
static size_t memory_read_window(struct decoded_code *code, uint8_t *bytes, uint64_t address,
                                 size_t size)
{
    for (size_t at = 0; at < size; at++) {
        unsigned step = size - at >= 8 ? 8 : 1;
        struct value value;
        if (lines_load(code->lines, address + at, step, &value) != LINES_DONE || value.poison)
            return at;
        memcpy(bytes + at, &value.bits, step);
        at += step - 1;
    }
    return size;
}

static uint64_t bytes_hash(const uint8_t *bytes, size_t size)
{
    uint64_t hash = size;
    for (size_t at = 0; at < size; at++)
        hash = (hash ^ bytes[at]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

/* Decodes a chain from `bytes` at `address`; returns how many of them it took. */
static size_t chain_decode(struct decoded_code *code, const uint8_t *bytes, size_t size,
                           uint64_t address)
{
    size_t at = 0;
    bool goes_on = true;

    for (uint32_t i = 0; goes_on && i < CHAIN_LENGTH && size - at >= LONGEST_INSTRUCTION; i++) {
        struct operation *operation = &code->operations[code->count++];
        goes_on = decode_instruction(bytes + at, size - at, address + at, operation);
        at += operation->length;
        code->decoded++;
    }
    if (at == 0) { /* fewer bytes than the longest instruction before the end */
        struct operation *operation = &code->operations[code->count++];
        goes_on = decode_instruction(bytes, size, address, operation);
        at = operation->length;
        code->decoded++;
    }
    if (goes_on) {
        struct operation *operation = &code->operations[code->count++];
        memset(operation, 0, sizeof(*operation));
        operation->code = OPERATION_CONTINUE;
        operation->target = address + at;
    }
    return at;
}

/* The chain at `address`, in a module or not; 0: its code cannot be read. */
static uint32_t chain_add(struct decoded_code *code, uint64_t address)
{
    uint8_t bytes[READ_SIZE + 16];
    struct loaded_module module;
    struct operation *verify;
    uint32_t first = code->count;
    size_t size;

    if (modules_find(address, &module)) {
        size = module_read(code, bytes, address, &module);
        if (size == 0)
            return 0;
        chain_decode(code, bytes, size, address);
        return first;
    }
    size = memory_read_window(code, bytes, address, CHAIN_LENGTH * (LONGEST_INSTRUCTION + 1));
    if (size == 0)
        return 0;
    verify = &code->operations[code->count++];
    memset(verify, 0, sizeof(*verify));
    verify->code = OPERATION_VERIFY;
    verify->detail = (uint8_t)chain_decode(code, bytes, size, address);
    verify->code_hash = bytes_hash(bytes, verify->detail);
    verify->verified = code->window;
    return first;
}

static bool code_has_room(const struct decoded_code *code)
{
    return code->count + CHAIN_LENGTH + 2 <= CODE_OPERATIONS &&
           code->entry_count + 1 < CODE_ENTRIES;
}

uint32_t code_find(struct decoded_code *code, uint64_t address)
{
    struct code_entry *entry = entry_find(code, address);
    uint32_t first;

    if (entry->address)
        return entry->operation;
    if (!code_has_room(code))
        return 0;
    first = chain_add(code, address);
    if (first) {
        entry->address = address;
        entry->operation = first;
        code->entry_count++;
    }
    return first;
}

uint32_t code_verify(struct decoded_code *code, struct operation *operation, uint64_t address)
{
    uint8_t bytes[UINT8_MAX];
    uint32_t at = (uint32_t)(operation - code->operations), fresh;

    if (operation->verified == code->window)
        return at + 1;
    if (memory_read_window(code, bytes, address, operation->detail) == operation->detail &&
        bytes_hash(bytes, operation->detail) == operation->code_hash) {
        operation->verified = code->window;
        return at + 1;
    }
    fresh = code_has_room(code) ? chain_add(code, address) : 0;
    if (fresh) { /* whoever is linked to the old chain comes by here */
        memset(operation, 0, sizeof(*operation));
        operation->code = OPERATION_CONTINUE;
        operation->target = address;
        operation->link = fresh;
    }
    return fresh;
}
