#include "shim/outside/leaf.h"

#include <string.h>
#include <Zydis/Zydis.h>

#include "pgoshim/raw.h"
#include "shim/core/modules/modules.h"
#include "shim/outside/module_code.h"

#define LONGEST_WAY 2048u /* bytes of code from a function's beginning that are gone through */
#define LONGEST_CALL 7u   /* bytes: of a call through memory */
#define DIRECT_CALL 5u    /* bytes: the opcode and a distance of four */
#define ALIGNMENT 16u     /* of functions that have padding before them */
#define RETURN 0xc3
#define PADDING 0xcc /* int3, between functions of Go's linker and of lld */
#define PLACES 4096u /* a power of two: answers that are kept */

/* By where the call leads to and where it was sampled; a new place takes an old one's. */
static struct leaf_place {
    uint64_t location, target;
    bool without_frame;
} places[PLACES];

/* Whether `returned` follows a call; its target where it is a direct one, otherwise 0. */
static bool call_before(const struct loaded_module *module, uint64_t returned, uint64_t *target)
{
    uint8_t bytes[LONGEST_CALL];
    int32_t distance;

    *target = 0;
    if (!module_code_read(module, returned - sizeof(bytes), bytes, sizeof(bytes)))
        return false;
    if (bytes[sizeof(bytes) - DIRECT_CALL] == 0xe8) {
        memcpy(&distance, bytes + sizeof(bytes) - sizeof(distance), sizeof(distance));
        *target = returned + (uint64_t)(int64_t)distance;
        return true;
    }
    /* ff /2, with what address it has. */
    for (size_t length = 2; length <= sizeof(bytes); length++) {
        const uint8_t *call = bytes + sizeof(bytes) - length;
        if (call[0] == 0xff && (call[1] >> 3 & 7) == 2)
            return true;
    }
    return false;
}

/*
 * Where the function begins: at the target of the call, or behind padding,
 * whatever is nearer.  `code` ends at `address`; more than `size` where it is not found.
 */
static size_t function_offset(const uint8_t *code, size_t size, uint64_t address, uint64_t target)
{
    uint64_t first = address - size;
    size_t called = target >= first && target <= address ? (size_t)(target - first) : size + 1;

    for (uint64_t start = address / ALIGNMENT * ALIGNMENT; start > first; start -= ALIGNMENT) {
        if (called <= size && start <= target)
            break;
        if (code[start - first - 1] == PADDING)
            return (size_t)(start - first);
    }
    return called;
}

static bool writes_stack_pointer(const ZydisDecodedInstruction *instruction,
                                 const ZydisDecodedOperand *operands)
{
    /* A call has returned by then, and what follows a return is reached by a jump. */
    if (instruction->meta.category == ZYDIS_CATEGORY_CALL ||
        instruction->meta.category == ZYDIS_CATEGORY_RET)
        return false;
    for (size_t i = 0; i < instruction->operand_count; i++)
        if (operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            (operands[i].reg.value == ZYDIS_REGISTER_RSP ||
             operands[i].reg.value == ZYDIS_REGISTER_ESP) &&
            operands[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
            return true;
    return false;
}

/* Some instruction of these does, or cannot be decoded. */
static bool code_changes_stack(const uint8_t *code, size_t size)
{
    ZydisDecoder decoder;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (size_t at = 0; at < size; at += instruction.length)
        if (!ZYAN_SUCCESS(
                ZydisDecoderDecodeFull(&decoder, code + at, size - at, &instruction, operands)) ||
            writes_stack_pointer(&instruction, operands))
            return true;
    return false;
}

/*
 * *unchanged: nothing from the function's beginning on has changed the stack pointer.
 * False: the code cannot be read now.
 */
static bool stack_look(const struct loaded_module *module, uint64_t address, uint64_t target,
                       bool *unchanged)
{
    uint8_t code[LONGEST_WAY];
    uint64_t start = module_code_start(module, address);
    size_t size = sizeof(code), offset;

    if (address - start < size)
        size = (size_t)(address - start);
    if (!module_code_read(module, address - size, code, size))
        return false;
    offset = function_offset(code, size, address, target);
    *unchanged = offset <= size && !code_changes_stack(code + offset, size - offset);
    return true;
}

static bool is_without_frame(const struct loaded_module *module, uint64_t address, uint64_t target)
{
    uint64_t location = modules_locate(address);
    struct leaf_place *place = &places[(location ^ target >> 4) % PLACES];

    if (place->location != location || place->target != target) {
        bool unchanged;
        if (!stack_look(module, address, target, &unchanged))
            return false;
        *place = (struct leaf_place){location, target, unchanged};
    }
    return place->without_frame;
}

uint64_t leaf_return_address(uint64_t address, const uint64_t top[LEAF_WORDS])
{
    static const uint8_t setting_up[] = {0x55, 0x48, 0x89, 0xe5}; /* push rbp; mov rbp, rsp */
    struct loaded_module sampled, returned;
    uint8_t bytes[sizeof(setting_up)]; /* the one before the sampled instruction, and three */
    uint64_t found, target;
    bool is_setting_up, is_told;

    if (!modules_find(address, &sampled) ||
        !module_code_read(&sampled, address - 1, bytes, sizeof(bytes)))
        return 0;
    is_setting_up = memcmp(bytes, setting_up, sizeof(setting_up)) == 0;
    found = top[is_setting_up];
    is_told = is_setting_up || bytes[1] == RETURN;
    if (!modules_find(found, &returned) || !call_before(&returned, found, &target))
        return 0;
    return is_told || is_without_frame(&sampled, address, target) ? found : 0;
}
