#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code/capstone.h"
#include "analyzer/model/code/instruction_set.h"

/*
 * Capstone groups instructions: jumps, calls, returns.  Which jumps always go away, and which
 * of them are returns, it does not tell, and not all calls of all machines are in their group.
 * For that there are the names of instructions, each with the beginning of its operands or,
 * after a '*', a part of them.
 */
struct named {
    const char *mnemonic;
    const char *operands; /* "": any */
    enum instruction_kind kind;
};

static const struct named named_386[] = {
    {"jmp", "", INSTRUCTION_JUMP},   {"ljmp", "", INSTRUCTION_JUMP},
    {"hlt", "", INSTRUCTION_STOP},   {"int3", "", INSTRUCTION_STOP},
    {"ud2", "", INSTRUCTION_STOP},   {"iretd", "", INSTRUCTION_RETURN},
    {NULL, NULL, INSTRUCTION_OTHER},
};

static const struct named named_arm[] = {
    {"b", "", INSTRUCTION_JUMP},        {"bx", "lr", INSTRUCTION_RETURN},
    {"bx", "", INSTRUCTION_JUMP},       {"mov", "pc, lr", INSTRUCTION_RETURN},
    {"mov", "pc, ", INSTRUCTION_JUMP},  {"ldr", "pc, [sp", INSTRUCTION_RETURN},
    {"ldr", "pc, ", INSTRUCTION_JUMP},  {"add", "pc, ", INSTRUCTION_JUMP},
    {"pop", "*pc", INSTRUCTION_RETURN}, {"ldm", "*pc", INSTRUCTION_RETURN},
    {"udf", "", INSTRUCTION_STOP},      {"bkpt", "", INSTRUCTION_STOP},
    {NULL, NULL, INSTRUCTION_OTHER},
};

static const struct named named_s390[] = {
    {"br", "%r14", INSTRUCTION_RETURN}, {"br", "", INSTRUCTION_JUMP},
    {"j", "", INSTRUCTION_JUMP},        {"jg", "", INSTRUCTION_JUMP},
    {"brasl", "", INSTRUCTION_CALL},    {"bras", "", INSTRUCTION_CALL},
    {"basr", "", INSTRUCTION_CALL},     {"bas", "", INSTRUCTION_CALL},
    {"bcr", "0, ", INSTRUCTION_OTHER},  {"nopr", "", INSTRUCTION_OTHER},
    {NULL, NULL, INSTRUCTION_OTHER},
};

static const struct named named_ppc[] = {
    {"b", "", INSTRUCTION_JUMP},       {"ba", "", INSTRUCTION_JUMP},
    {"blr", "", INSTRUCTION_RETURN},   {"bctr", "", INSTRUCTION_JUMP},
    {"bl", "", INSTRUCTION_CALL},      {"bla", "", INSTRUCTION_CALL},
    {"bctrl", "", INSTRUCTION_CALL},   {"blrl", "", INSTRUCTION_CALL},
    {"rfid", "", INSTRUCTION_RETURN},  {"trap", "", INSTRUCTION_STOP},
    {"bpermd", "", INSTRUCTION_OTHER}, {"brinc", "", INSTRUCTION_OTHER},
    {NULL, NULL, INSTRUCTION_OTHER},
};

static const struct named named_mips[] = {
    {"jr", "$ra", INSTRUCTION_RETURN}, {"jr", "", INSTRUCTION_JUMP},
    {"j", "", INSTRUCTION_JUMP},       {"b", "", INSTRUCTION_JUMP},
    {"bal", "", INSTRUCTION_CALL},     {"jal", "", INSTRUCTION_CALL},
    {"jalr", "", INSTRUCTION_CALL},    {"eret", "", INSTRUCTION_RETURN},
    {"break", "", INSTRUCTION_STOP},   {NULL, NULL, INSTRUCTION_OTHER},
};

static const struct named named_riscv[] = {
    {"ret", "", INSTRUCTION_RETURN},         {"jr", "ra", INSTRUCTION_RETURN},
    {"c.jr", "ra", INSTRUCTION_RETURN},      {"jr", "", INSTRUCTION_JUMP},
    {"c.jr", "", INSTRUCTION_JUMP},          {"j", "", INSTRUCTION_JUMP},
    {"c.j", "", INSTRUCTION_JUMP},           {"jalr", "zero, ra", INSTRUCTION_RETURN},
    {"jalr", "zero, ", INSTRUCTION_JUMP},    {"jal", "zero, ", INSTRUCTION_JUMP},
    {"jal", "", INSTRUCTION_CALL},           {"jalr", "", INSTRUCTION_CALL},
    {"c.jal", "", INSTRUCTION_CALL},         {"c.jalr", "", INSTRUCTION_CALL},
    {"mret", "", INSTRUCTION_RETURN},        {"sret", "", INSTRUCTION_RETURN},
    {"ebreak", "", INSTRUCTION_STOP},        {"c.ebreak", "", INSTRUCTION_STOP},
    {"c.unimp", "", INSTRUCTION_STOP},       {"unimp", "", INSTRUCTION_STOP},
    {"c.beqz", "", INSTRUCTION_CONDITIONAL}, {"c.bnez", "", INSTRUCTION_CONDITIONAL},
    {NULL, NULL, INSTRUCTION_OTHER},
};

struct capstone_machine {
    struct instruction_set set;
    const struct named *named; /* up to one without mnemonic; the first that fits counts */
    const char *branches; /* what branches begin with that no group tells, each after a blank */
};

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static enum instruction_kind kind_by_group(const struct capstone_code *code)
{
    const struct capstone *library = code->library;
    if (library->insn_group(code->handle, code->instruction, CS_GRP_CALL))
        return INSTRUCTION_CALL;
    if (library->insn_group(code->handle, code->instruction, CS_GRP_RET) ||
        library->insn_group(code->handle, code->instruction, CS_GRP_IRET))
        return INSTRUCTION_RETURN;
    if (library->insn_group(code->handle, code->instruction, CS_GRP_JUMP))
        return INSTRUCTION_CONDITIONAL;
    return INSTRUCTION_OTHER;
}

static const struct capstone_machine *machine_of(uint16_t machine);

static enum instruction_kind kind_of(const struct capstone_machine *machine,
                                     const struct capstone_code *code)
{
    const cs_insn *instruction = code->instruction;
    for (const struct named *named = machine->named; named->mnemonic; named++) {
        bool fits = *named->operands == '*'
                        ? strstr(instruction->op_str, named->operands + 1) != NULL
                        : begins_with(instruction->op_str, named->operands);
        if (fits && strcmp(instruction->mnemonic, named->mnemonic) == 0)
            return named->kind;
    }
    enum instruction_kind kind = kind_by_group(code);
    for (const char *branch = machine->branches; branch && kind == INSTRUCTION_OTHER;
         branch = strchr(branch, ' ')) {
        branch++;
        if (strncmp(instruction->mnemonic, branch, strcspn(branch, " ")) == 0)
            return INSTRUCTION_CONDITIONAL;
    }
    return kind;
}

/* Where a direct branch leads is its last operand: "0x1234" or "#0x1234". */
static bool target_of(const cs_insn *instruction, uint64_t *target)
{
    const char *last = strrchr(instruction->op_str, ' ');
    char *end;
    last = last ? last + 1 : instruction->op_str;
    last += *last == '#';
    if (!begins_with(last, "0x"))
        return false;
    *target = strtoull(last, &end, 16);
    return *end == '\0';
}

struct capstone_state {
    const struct capstone_machine *machine;
    struct capstone_code code;
};

static void close_code(void *closed)
{
    struct capstone_state *state = closed;
    capstone_end(&state->code);
    free(state);
}

static void *open_code(const struct binary *binary, struct error *error)
{
    struct capstone_state *state = calloc(1, sizeof(*state));
    if (!state) {
        memory_exhausted(error);
        return NULL;
    }
    state->machine = machine_of(binary_machine(binary));
    if (capstone_begin(&state->code, binary, error))
        return state;
    close_code(state);
    return NULL;
}

static bool decode(void *opened, uint64_t address, const uint8_t *bytes, size_t size,
                   struct instruction *instruction)
{
    struct capstone_state *state = opened;
    if (!capstone_decode(&state->code, address, bytes, size))
        return false;
    *instruction = (struct instruction){.address = address,
                                        .size = (uint8_t)state->code.instruction->size,
                                        .kind = kind_of(state->machine, &state->code)};
    if (instruction->kind == INSTRUCTION_CONDITIONAL || instruction->kind == INSTRUCTION_JUMP ||
        instruction->kind == INSTRUCTION_CALL)
        instruction->is_indirect = !target_of(state->code.instruction, &instruction->target);
    return true;
}

#define SET(elf_machine, bytes, shortest, longest)                                                 \
    {.machine = (elf_machine),                                                                     \
     .alignment = (bytes),                                                                         \
     .shortest_call = (shortest),                                                                  \
     .longest_call = (longest),                                                                    \
     .open = open_code,                                                                            \
     .close = close_code,                                                                          \
     .decode = decode}

static const struct capstone_machine machines[] = {
    {SET(EM_386, 1, 2, 7), named_386, NULL},
    {SET(EM_ARM, 4, 4, 4), named_arm, NULL},
    {SET(EM_S390, 2, 2, 6), named_s390, " cij cgij clij clgij crj cgrj clrj clgrj brct brx"},
    {SET(EM_PPC, 4, 4, 4), named_ppc, " b"},
    {SET(EM_PPC64, 4, 4, 4), named_ppc, " b"},
    {SET(EM_MIPS, 4, 4, 4), named_mips, NULL},
    {SET(EM_RISCV, 2, 2, 4), named_riscv, NULL},
};

static const struct capstone_machine *machine_of(uint16_t machine)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
        if (machines[i].set.machine == machine)
            return &machines[i];
    }
    return NULL;
}

const struct instruction_set *instructions_by_capstone(uint16_t machine)
{
    const struct capstone_machine *found = machine_of(machine);
    return found ? &found->set : NULL;
}
