#include "analyzer/model/code/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

#define LONGEST_JUMP_TABLE 65536 /* entries */
#define LOAD_TO_JUMP 8           /* instructions from the load of an entry to its jump, at most */

struct addresses {
    uint64_t *items;
    size_t count, capacity;
};

/* What one pass over the function's instructions finds out. */
struct survey {
    struct blocks *blocks;
    const struct binary *binary;
    const struct function *function;
    struct instruction *instructions;
    size_t count, capacity;
    struct addresses leaders;
    struct addresses bases; /* places in data that the code takes the address of */
};

static bool add_address(struct addresses *addresses, uint64_t address, struct error *error)
{
    if (!memory_reserve(&addresses->items, &addresses->capacity, addresses->count + 1,
                        sizeof(*addresses->items), error))
        return false;
    addresses->items[addresses->count++] = address;
    return true;
}

static void sort_addresses(struct addresses *addresses)
{
    size_t kept = 0;
    if (addresses->count > 0)
        qsort(addresses->items, addresses->count, sizeof(*addresses->items), compare_u64);
    for (size_t i = 0; i < addresses->count; i++) {
        if (kept == 0 || addresses->items[kept - 1] != addresses->items[i])
            addresses->items[kept++] = addresses->items[i];
    }
    addresses->count = kept;
}

static bool is_inside(const struct function *function, uint64_t address)
{
    return address - function->address < function->size;
}

/* --- jump tables -------------------------------------------------------------- */

/* The address that `lea displacement(%rip), register` takes, or 0. */
static uint64_t taken_address(const struct instruction *instruction, const uint8_t *bytes)
{
    int32_t displacement;
    if (instruction->size != 7 || (bytes[0] & 0xfb) != 0x48 || bytes[1] != 0x8d ||
        (bytes[2] & 0xc7) != 0x05)
        return 0;
    memcpy(&displacement, bytes + 3, sizeof(displacement));
    return instruction->address + 7 + (uint64_t)(int64_t)displacement;
}

/* The table of `jmp *table(,register,8)`, or 0. */
static uint64_t absolute_table(const struct instruction *instruction, const uint8_t *bytes)
{
    int32_t displacement;
    size_t opcode = 0;
    while (opcode < 2 && (bytes[opcode] == 0x3e || (bytes[opcode] & 0xf0) == 0x40))
        opcode++; /* notrack, REX */
    if (instruction->size != opcode + 7 || bytes[opcode] != 0xff || bytes[opcode + 1] != 0x24 ||
        (bytes[opcode + 2] & 0xc7) != 0xc5)
        return 0;
    memcpy(&displacement, bytes + opcode + 3, sizeof(displacement));
    return (uint64_t)(int64_t)displacement;
}

/* The base register of `movslq (base,index,4), register`, or -1. */
static int entry_base(const struct instruction *instruction, const uint8_t *bytes)
{
    if (instruction->size < 4 || (bytes[0] & 0xf8) != 0x48 || bytes[1] != 0x63 ||
        (bytes[2] & 7) != 4 || bytes[2] >> 6 == 3 || bytes[3] >> 6 != 2)
        return -1;
    return (bytes[3] & 7) | (bytes[0] & 1) << 3;
}

/*
 * The table that a register jump reads, or 0: the address that went last, in the
 * order of the code, into the register that its entry was loaded by.
 */
static uint64_t relative_table(const struct survey *survey, size_t jump)
{
    int base = -1;
    for (size_t i = jump; i > 0 && (base >= 0 || jump - i < LOAD_TO_JUMP); i--) {
        const struct instruction *instruction = &survey->instructions[i - 1];
        size_t size;
        const uint8_t *bytes = binary_code_at(survey->binary, instruction->address, &size);
        uint64_t table = taken_address(instruction, bytes);
        if (base < 0)
            base = entry_base(instruction, bytes);
        else if (table && (((bytes[2] >> 3) & 7) | (bytes[0] & 4) << 1) == base)
            return binary_code_at(survey->binary, table, &size) ? 0 : table;
    }
    return 0;
}

/*
 * Entries are leaders as long as they stay in the function and no other table
 * begins.  `jump` is 0 where it is not known which one reads the table.
 */
static bool read_table(struct survey *survey, uint64_t jump, uint64_t table, size_t entry_size,
                       struct error *error)
{
    struct blocks *blocks = survey->blocks;
    struct jump_table found = {.jump = jump, .base = table, .first = blocks->target_count};
    size_t size;
    const uint8_t *bytes = binary_bytes_at(survey->binary, table, &size);
    for (size_t i = 0; i < LONGEST_JUMP_TABLE && (i + 1) * entry_size <= size; i++) {
        uint64_t target = 0;
        uint64_t place = table + i * entry_size;
        if (i > 0 && survey->bases.count > 0 &&
            bsearch(&place, survey->bases.items, survey->bases.count, sizeof(place), compare_u64))
            break;
        if (entry_size == 8) {
            memcpy(&target, bytes + i * 8, 8);
        } else {
            int32_t relative;
            memcpy(&relative, bytes + i * 4, 4);
            target = table + (uint64_t)(int64_t)relative;
        }
        if (!is_inside(survey->function, target))
            break;
        if (!add_address(&survey->leaders, target, error) ||
            !memory_reserve(&blocks->targets, &blocks->target_capacity, blocks->target_count + 1,
                            sizeof(*blocks->targets), error))
            return false;
        blocks->targets[blocks->target_count++] = target;
    }
    found.count = blocks->target_count - found.first;
    if (found.count == 0)
        return true;
    if (!memory_reserve(&blocks->tables, &blocks->table_capacity, blocks->table_count + 1,
                        sizeof(*blocks->tables), error))
        return false;
    blocks->tables[blocks->table_count++] = found;
    return true;
}

static bool has_table(const struct blocks *blocks, uint64_t base)
{
    for (size_t i = 0; i < blocks->table_count; i++) {
        if (blocks->tables[i].base == base)
            return true;
    }
    return false;
}

static bool read_tables(struct survey *survey, struct error *error)
{
    bool has_unknown_jump = false;
    for (size_t i = 0; i < survey->count; i++) {
        const struct instruction *instruction = &survey->instructions[i];
        size_t size;
        if (instruction->kind != INSTRUCTION_JUMP || !instruction->is_indirect)
            continue;
        const uint8_t *bytes = binary_code_at(survey->binary, instruction->address, &size);
        uint64_t table = absolute_table(instruction, bytes);
        if (table && !read_table(survey, instruction->address, table, 8, error))
            return false;
        if (table)
            continue;
        table = relative_table(survey, i);
        if (table && !read_table(survey, instruction->address, table, 4, error))
            return false;
        has_unknown_jump = has_unknown_jump || !table;
    }
    /* A jump whose table is not found may read any that looks right. */
    for (size_t i = 0; has_unknown_jump && i < survey->bases.count; i++) {
        size_t size;
        uint64_t base = survey->bases.items[i];
        if (!has_table(survey->blocks, base) && !binary_code_at(survey->binary, base, &size) &&
            !read_table(survey, 0, base, 4, error))
            return false;
    }
    return true;
}

/* --- cutting ------------------------------------------------------------------- */

static bool survey_function(struct survey *survey, struct decoder *decoder, struct error *error)
{
    const struct function *function = survey->function;
    uint64_t end = function->address + function->size;
    struct instruction instruction;
    for (uint64_t address = function->address;
         address < end && decoder_decode(decoder, address, &instruction);
         address += instruction.size) {
        size_t size;
        if (!memory_reserve(&survey->instructions, &survey->capacity, survey->count + 1,
                            sizeof(instruction), error))
            return false;
        survey->instructions[survey->count++] = instruction;
        if ((instruction.kind == INSTRUCTION_CONDITIONAL || instruction.kind == INSTRUCTION_JUMP) &&
            !instruction.is_indirect && is_inside(function, instruction.target) &&
            !add_address(&survey->leaders, instruction.target, error))
            return false;
        uint64_t base = taken_address(&instruction, binary_code_at(survey->binary, address, &size));
        if (base && !add_address(&survey->bases, base, error))
            return false;
        /* A label whose address is taken: of computed gotos, of code of the large model. */
        if (base && is_inside(function, base) && !add_address(&survey->leaders, base, error))
            return false;
    }
    return true;
}

/*
 * Whether a new block begins at the instruction, given the one before.  A
 * conditional branch and the jump after it make one end of a block, unless one
 * of them leaves the function: then it is a call in tail position.
 */
static bool begins_block(const struct function *function, const struct instruction *instruction,
                         const struct instruction *before, bool is_leader)
{
    if (is_leader || !before)
        return true;
    if (before->kind == INSTRUCTION_CONDITIONAL)
        return instruction->kind != INSTRUCTION_JUMP || !is_inside(function, instruction->target) ||
               !is_inside(function, before->target);
    return !instruction_falls_through(before);
}

static bool cut(struct blocks *blocks, const struct survey *survey, struct error *error)
{
    size_t next_leader = 0;
    const struct instruction *before = NULL;
    for (size_t i = 0; i < survey->count; i++) {
        const struct instruction *instruction = &survey->instructions[i];
        while (next_leader < survey->leaders.count &&
               survey->leaders.items[next_leader] < instruction->address)
            next_leader++;
        bool is_leader = next_leader < survey->leaders.count &&
                         survey->leaders.items[next_leader] == instruction->address;
        if (begins_block(survey->function, instruction, before, is_leader)) {
            if (!memory_reserve(&blocks->items, &blocks->capacity, blocks->count + 1,
                                sizeof(*blocks->items), error))
                return false;
            blocks->items[blocks->count++] = (struct block){.start = instruction->address};
        }
        struct block *block = &blocks->items[blocks->count - 1];
        block->end = instruction->address + instruction->size;
        block->last = instruction->address;
        block->falls_through = instruction_falls_through(instruction);
        block->ends_with_call = instruction->kind == INSTRUCTION_CALL;
        before = instruction;
    }
    return true;
}

bool blocks_build(struct blocks *blocks, const struct binary *binary, struct decoder *decoder,
                  const struct function *function, const uint64_t *leaders, size_t leader_count,
                  struct error *error)
{
    struct survey survey = {.blocks = blocks, .binary = binary, .function = function};
    bool done = survey_function(&survey, decoder, error);
    *blocks = (struct blocks){0};
    sort_addresses(&survey.bases);
    done = done && read_tables(&survey, error);
    for (size_t i = 0; done && i < leader_count; i++) {
        if (is_inside(function, leaders[i]))
            done = add_address(&survey.leaders, leaders[i], error);
    }
    sort_addresses(&survey.leaders);
    done = done && cut(blocks, &survey, error);
    free(survey.instructions);
    free(survey.leaders.items);
    free(survey.bases.items);
    if (!done)
        blocks_free(blocks);
    return done;
}

void blocks_free(struct blocks *blocks)
{
    free(blocks->items);
    free(blocks->tables);
    free(blocks->targets);
    *blocks = (struct blocks){0};
}

ptrdiff_t blocks_at(const struct blocks *blocks, uint64_t address)
{
    size_t next = SEARCH_COUNT(blocks->count, i, blocks->items[i].start <= address);
    return next > 0 && address < blocks->items[next - 1].end ? (ptrdiff_t)next - 1 : -1;
}
