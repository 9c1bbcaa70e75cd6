#include "shim/core/lookahead/thunks.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/lookahead/registers.h"

#define MOST_THUNKS 4096u
#define TABLE_SLOTS 8192u     /* a power of two */
#define ARENA_SIZE (1u << 20) /* bytes of code */
#define LARGEST_CODE 512u     /* bytes of one thunk */

static struct thunk thunks[MOST_THUNKS];
static uint16_t table[TABLE_SLOTS];
static uint32_t thunk_count = 1; /* number 0 is none */
static uint32_t making;          /* 1 while a thread makes one */

/* The code's two mappings.  `refused`: the system does not let us. */
static struct {
    uint8_t *writable, *executable;
    uint32_t used;
    bool refused;
} arena;

const struct thunk *thunk_get(uint32_t number)
{
    return &thunks[number];
}

/* --- which instructions, and what they read and write ---------------------- */

static bool extension_is_bits(ZydisISAExt extension)
{
    return extension == ZYDIS_ISA_EXT_BMI1 || extension == ZYDIS_ISA_EXT_BMI2 ||
           extension == ZYDIS_ISA_EXT_MOVBE;
}

/* Integer instructions that are too rare to be written down. */
static bool mnemonic_is_rare_integer(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_RCL || mnemonic == ZYDIS_MNEMONIC_RCR ||
           mnemonic == ZYDIS_MNEMONIC_ADCX || mnemonic == ZYDIS_MNEMONIC_ADOX ||
           mnemonic == ZYDIS_MNEMONIC_CRC32 || mnemonic == ZYDIS_MNEMONIC_LAHF ||
           mnemonic == ZYDIS_MNEMONIC_SAHF || mnemonic == ZYDIS_MNEMONIC_SHLD ||
           mnemonic == ZYDIS_MNEMONIC_SHRD;
}

static bool extension_is_x87(ZydisISAExt extension)
{
    return extension == ZYDIS_ISA_EXT_X87 || extension == ZYDIS_ISA_EXT_MMX;
}

/* These save or load addresses of instructions, which are ours in a thunk, or far too much. */
static bool mnemonic_is_whole_x87_state(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_FNSTENV || mnemonic == ZYDIS_MNEMONIC_FLDENV ||
           mnemonic == ZYDIS_MNEMONIC_FNSAVE || mnemonic == ZYDIS_MNEMONIC_FRSTOR;
}

static uint8_t vector_control_use(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
        return THUNK_LOADS_VECTOR_CONTROL;
    case ZYDIS_MNEMONIC_STMXCSR:
    case ZYDIS_MNEMONIC_VSTMXCSR:
        return THUNK_STORES_VECTOR_CONTROL;
    default:
        return 0;
    }
}

static bool is_x87_register(ZydisRegister name)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(name);
    return class == ZYDIS_REGCLASS_X87 || class == ZYDIS_REGCLASS_MMX ||
           name == ZYDIS_REGISTER_X87CONTROL || name == ZYDIS_REGISTER_X87STATUS ||
           name == ZYDIS_REGISTER_X87TAG;
}

static bool is_vector_class(ZydisRegisterClass class)
{
    return class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM ||
           class == ZYDIS_REGCLASS_ZMM;
}

static bool is_general_class(ZydisRegisterClass class)
{
    return class == ZYDIS_REGCLASS_GPR8 || class == ZYDIS_REGCLASS_GPR16 ||
           class == ZYDIS_REGCLASS_GPR32 || class == ZYDIS_REGCLASS_GPR64;
}

/* Moves that fill the low 128 bits whatever was there; other SSE instructions may keep some. */
static bool writes_all_low_bits(const ZydisDecodedInstruction *instruction,
                                const ZydisDecodedOperand *operands)
{
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_MOVSS:
    case ZYDIS_MNEMONIC_MOVSD:
        return operands[1].type == ZYDIS_OPERAND_TYPE_MEMORY;
    case ZYDIS_MNEMONIC_MOVD:
    case ZYDIS_MNEMONIC_MOVQ:
        return true;
    default: /* integer SIMD writes the whole; of floating point, packed instructions do */
        return operands[0].size == 128 && operands[0].actions == ZYDIS_OPERAND_ACTION_WRITE &&
               operands[0].element_count * operands[0].element_size == 128;
    }
}

/* A result that does not depend on its operands: all zeros or all ones. */
static bool is_constant_idiom(const ZydisDecodedInstruction *instruction,
                              const ZydisDecodedOperand *operands)
{
    unsigned last = instruction->operand_count_visible;
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_PXOR:
    case ZYDIS_MNEMONIC_XORPS:
    case ZYDIS_MNEMONIC_XORPD:
    case ZYDIS_MNEMONIC_PCMPEQB:
    case ZYDIS_MNEMONIC_PCMPEQW:
    case ZYDIS_MNEMONIC_PCMPEQD:
        return last == 2 && operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
               operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
               operands[0].reg.value == operands[1].reg.value;
    case ZYDIS_MNEMONIC_VPXOR:
    case ZYDIS_MNEMONIC_VXORPS:
    case ZYDIS_MNEMONIC_VXORPD:
    case ZYDIS_MNEMONIC_VPXORD:
    case ZYDIS_MNEMONIC_VPXORQ:
        return instruction->avx.mask.reg == ZYDIS_REGISTER_NONE &&
               operands[last - 1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
               operands[last - 2].type == ZYDIS_OPERAND_TYPE_REGISTER &&
               operands[last - 1].reg.value == operands[last - 2].reg.value;
    default:
        return false;
    }
}

/* Adds a vector operand to the thunk's sets. */
static void add_vector(struct thunk *thunk, const ZydisDecodedInstruction *instruction,
                       const ZydisDecodedOperand *operands, const ZydisDecodedOperand *operand)
{
    uint32_t bit = 1u << ZydisRegisterGetId(operand->reg.value);
    bool legacy = instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY;
    bool wide = ZydisRegisterGetClass(operand->reg.value) != ZYDIS_REGCLASS_XMM;
    bool merges = instruction->avx.mask.reg != ZYDIS_REGISTER_NONE &&
                  instruction->avx.mask.mode == ZYDIS_MASK_MODE_MERGING;

    if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ &&
        !is_constant_idiom(instruction, operands)) {
        thunk->low_read |= bit;
        if (wide)
            thunk->high_read |= bit;
    }
    if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) {
        thunk->low_written |= bit;
        if (!legacy) /* VEX and EVEX clear what is above */
            thunk->high_written |= bit;
        if (merges || (legacy && !is_constant_idiom(instruction, operands) &&
                       !writes_all_low_bits(instruction, operands)))
            thunk->vectors_kept |= bit;
    }
}

/* False: an operand that a thunk cannot have. */
static bool add_register(struct thunk *thunk, const ZydisDecodedInstruction *instruction,
                         const ZydisDecodedOperand *operands, const ZydisDecodedOperand *operand,
                         bool *special)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(operand->reg.value);
    bool reads = operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
    bool writes = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;

    if (is_vector_class(class)) {
        *special = true;
        add_vector(thunk, instruction, operands, operand);
        return true;
    }
    if (class == ZYDIS_REGCLASS_MASK) {
        uint8_t bit = (uint8_t)(1u << ZydisRegisterGetId(operand->reg.value));
        *special = true;
        thunk->mask_read |= reads ? bit : 0;
        thunk->mask_written |= writes ? bit : 0;
        return true;
    }
    if (is_general_class(class)) {
        ZydisRegister whole =
            ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operand->reg.value);
        uint16_t bit = (uint16_t)(1u << ZydisRegisterGetId(whole));
        if (whole == ZYDIS_REGISTER_RSP)
            return false;
        /* A narrow write keeps the rest of the register. */
        thunk->general_read |= reads || operand->size < 32 ? bit : 0;
        thunk->general_written |= writes ? bit : 0;
        return true;
    }
    if (is_x87_register(operand->reg.value)) {
        *special = true;
        thunk->state |= THUNK_X87;
        return true;
    }
    return class == ZYDIS_REGCLASS_FLAGS || operand->reg.value == ZYDIS_REGISTER_MXCSR;
}

static bool add_memory(struct thunk *thunk, const ZydisDecodedInstruction *instruction,
                       const ZydisDecodedOperand *operand)
{
    if (operand->mem.type != ZYDIS_MEMOP_TYPE_MEM || thunk->memory_size ||
        operand->size > VECTOR_SIZE * 8 || operand->size < 8 ||
        operand->visibility != ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
        return false;
    thunk->memory_size = (uint8_t)(operand->size / 8);
    if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
        thunk->memory |= THUNK_MEMORY_READ;
    if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
        thunk->memory |= THUNK_MEMORY_WRITE;
    if (instruction->avx.mask.reg != ZYDIS_REGISTER_NONE &&
        instruction->avx.mask.reg != ZYDIS_REGISTER_K0)
        thunk->memory |= THUNK_MEMORY_MASKED;
    return true;
}

/* Fills in what the instruction reads and writes.  False: it is none for a thunk. */
static bool thunk_describe(struct thunk *thunk, const ZydisDecodedInstruction *instruction,
                           const ZydisDecodedOperand *operands)
{
    bool special = extension_is_bits(instruction->meta.isa_ext) ||
                   mnemonic_is_rare_integer(instruction->mnemonic);

    memset(thunk, 0, sizeof(*thunk));
    if (instruction->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED ||
        instruction->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE ||
        mnemonic_is_whole_x87_state(instruction->mnemonic))
        return false;
    if (extension_is_x87(instruction->meta.isa_ext)) {
        special = true;
        thunk->state = THUNK_X87;
    }
    thunk->state |= vector_control_use(instruction->mnemonic);
    special = special || thunk->state;
    if (instruction->mnemonic == ZYDIS_MNEMONIC_FLDCW)
        thunk->state |= THUNK_LOADS_X87_CONTROL;
    for (unsigned i = 0; i < instruction->operand_count; i++) {
        const ZydisDecodedOperand *operand = &operands[i];
        bool fits = true;
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
            fits = add_register(thunk, instruction, operands, operand, &special);
        else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY)
            fits = add_memory(thunk, instruction, operand);
        else if (operand->type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
            fits = false;
        if (!fits)
            return false;
    }
    if (instruction->cpu_flags)
        thunk->flags_read = (uint16_t)(instruction->cpu_flags->tested & FLAGS_ARITHMETIC);
    if (instruction->mnemonic == ZYDIS_MNEMONIC_VZEROUPPER) {
        special = true;
        thunk->high_written = 0xffff;
    }
    return special;
}

/* --- making the code --------------------------------------------------------- */

struct code_writer {
    uint8_t *at;
    unsigned base; /* number of the register that points to struct registers */
};

static void emit(struct code_writer *writer, unsigned count, const uint8_t *bytes)
{
    memcpy(writer->at, bytes, count);
    writer->at += count;
}

#define EMIT(writer, ...)                                                                          \
    emit(writer, sizeof((uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__})

/* ModRM and displacement of [base + offset], with `field` in the register bits. */
static void emit_place(struct code_writer *writer, unsigned field, size_t offset)
{
    uint32_t displacement = (uint32_t)offset;
    EMIT(writer, (uint8_t)(0x80 | (field & 7) << 3 | (writer->base & 7)));
    if ((writer->base & 7) == 4)
        EMIT(writer, 0x24);
    emit(writer, 4, (const uint8_t *)&displacement);
}

static void emit_general(struct code_writer *writer, unsigned number, bool store)
{
    EMIT(writer, (uint8_t)(0x48 | (number >> 3) << 2 | writer->base >> 3), store ? 0x89 : 0x8b);
    emit_place(writer, number, offsetof(struct registers, general) + number * 8ul);
}

static void emit_vector(struct code_writer *writer, unsigned number, bool store)
{
    size_t offset = offsetof(struct registers, vectors.bytes) + (size_t)number * VECTOR_SIZE;
    unsigned far_base = writer->base >> 3;

    switch (vectors_width()) {
    case VECTOR_WIDTH_512: /* vmovdqu64 */
        EMIT(writer, 0x62,
             (uint8_t)((~number >> 3 & 1) << 7 | 0x40 | !far_base << 5 | (~number >> 4 & 1) << 4 |
                       1),
             0xfe, 0x48, store ? 0x7f : 0x6f);
        break;
    case VECTOR_WIDTH_256: /* vmovdqu */
        EMIT(writer, 0xc4, (uint8_t)((~number >> 3 & 1) << 7 | 0x40 | !far_base << 5 | 1), 0x7e,
             store ? 0x7f : 0x6f);
        break;
    default: /* movups */
        EMIT(writer, (uint8_t)(0x40 | (number >> 3) << 2 | far_base), 0x0f, store ? 0x11 : 0x10);
    }
    emit_place(writer, number, offset);
}

/* kmovq */
static void emit_mask(struct code_writer *writer, unsigned number, bool store)
{
    EMIT(writer, 0xc4, (uint8_t)(0xc1 | !(writer->base >> 3) << 5), 0xf8, store ? 0x91 : 0x90);
    emit_place(writer, number, offsetof(struct registers, vectors.masks) + number * 8ul);
}

/* push or pop of the flags' place. */
static void emit_flags(struct code_writer *writer, bool store)
{
    if (store)
        EMIT(writer, 0x9c); /* pushfq */
    if (writer->base >> 3)
        EMIT(writer, 0x41);
    EMIT(writer, store ? 0x8f : 0xff);
    emit_place(writer, store ? 0 : 6, offsetof(struct registers, flags));
    if (!store)
        EMIT(writer, 0x9d); /* popfq */
}

/* A register that the instruction does not name; rsp, which holds the return address, never is. */
static unsigned base_choose(const struct thunk *thunk)
{
    unsigned named = thunk->general_read | thunk->general_written | 1u << REGISTER_RSP;
    unsigned number = REGISTER_RDI;
    while (named >> number & 1)
        number = (number + 1) % REGISTER_COUNT;
    return number;
}

/* The same instruction with its memory operand at the scratch place. */
static bool encode_again(struct thunk *thunk, const ZydisDecodedInstruction *instruction,
                         const ZydisDecodedOperand *operands, unsigned base)
{
    ZydisEncoderRequest request;
    ZyanUSize length = sizeof(thunk->instruction);

    if (!ZYAN_SUCCESS(ZydisEncoderDecodedInstructionToEncoderRequest(
            instruction, operands, instruction->operand_count_visible, &request)))
        return false;
    for (unsigned i = 0; i < request.operand_count; i++) {
        if (request.operands[i].type != ZYDIS_OPERAND_TYPE_MEMORY)
            continue;
        request.operands[i].mem.base = (ZydisRegister)(ZYDIS_REGISTER_RAX + (int)base);
        request.operands[i].mem.index = ZYDIS_REGISTER_NONE;
        request.operands[i].mem.scale = 0;
        request.operands[i].mem.displacement = offsetof(struct registers, vectors.scratch);
    }
    request.prefixes &=
        ~(ZydisInstructionAttributes)(ZYDIS_ATTRIB_HAS_SEGMENT_FS | ZYDIS_ATTRIB_HAS_SEGMENT_GS);
    request.address_size_hint = ZYDIS_ADDRESS_SIZE_HINT_NONE;
    if (!ZYAN_SUCCESS(ZydisEncoderEncodeInstruction(&request, thunk->instruction, &length)))
        return false;
    thunk->length = (uint8_t)length;
    return true;
}

/* The registers that are loaded, or stored, around the instruction. */
static void emit_registers(struct code_writer *writer, const struct thunk *thunk, bool store)
{
    uint32_t vectors = thunk->low_written | thunk->high_written;
    uint32_t masks = thunk->mask_written;
    uint32_t general = thunk->general_written;

    if (!store) { /* what is written in part keeps the rest: load that too */
        vectors |= thunk->low_read | thunk->high_read;
        masks |= thunk->mask_read;
        general |= thunk->general_read;
    }
    for (unsigned i = 0; i < VECTOR_COUNT; i++)
        if (vectors >> i & 1)
            emit_vector(writer, i, store);
    for (unsigned i = 0; i < MASK_COUNT; i++)
        if (masks >> i & 1)
            emit_mask(writer, i, store);
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        if (general >> i & 1)
            emit_general(writer, i, store);
}

static void thunk_emit(struct thunk *thunk, unsigned base, bool flags_written)
{
    struct code_writer writer = {arena.writable + arena.used, base};

    /* The argument comes in rdi. */
    EMIT(&writer, (uint8_t)(0x48 | base >> 3), 0x89,
         (uint8_t)(0xc0 | REGISTER_RDI << 3 | (base & 7)));
    emit_registers(&writer, thunk, false);
    if (thunk->flags_read)
        emit_flags(&writer, false);
    emit(&writer, thunk->length, thunk->instruction);
    if (flags_written)
        emit_flags(&writer, true);
    emit_registers(&writer, thunk, true);
    EMIT(&writer, 0xc3);
    thunk->code = arena.executable + arena.used;
    arena.used = (uint32_t)(writer.at - arena.writable + 15) & ~15u;
}

/* The same memory once more, at a place of ours: an old length of 0 asks for that (mremap(2)). */
static long arena_map_again(long executable)
{
    long place = places_map(ARENA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1), result;

    if (place < 0)
        return place;
    result =
        system_call(SYS_mremap, executable, 0, ARENA_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
    if (result < 0)
        system_unmap((void *)place, ARENA_SIZE);
    return result;
}

/*
 * Without a file: a descriptor that is open in a handler, if only for a moment, can be closed by
 * another thread, and its number be that thread's next file.
 */
static bool arena_open(void)
{
    long executable = places_map(ARENA_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1);
    long writable;

    arena.refused = true;
    if (executable < 0)
        return false;
    writable = arena_map_again(executable);
    if (writable < 0 ||
        system_call(SYS_mprotect, writable, ARENA_SIZE, PROT_READ | PROT_WRITE) < 0) {
        if (writable > 0)
            system_unmap((void *)writable, ARENA_SIZE);
        system_unmap((void *)executable, ARENA_SIZE);
        return false;
    }
    arena.writable = (uint8_t *)writable;
    arena.executable = (uint8_t *)executable;
    arena.used = 0;
    arena.refused = false;
    return true;
}

static uint32_t thunk_hash(const struct thunk *thunk)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (unsigned i = 0; i < thunk->length; i++)
        hash = (hash ^ thunk->instruction[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ hash >> 32) % TABLE_SLOTS;
}

/* Whether two thunks do the same: what they are made from says it. */
static bool thunk_same(const struct thunk *a, const struct thunk *b)
{
    return a->length == b->length && memcmp(a->instruction, b->instruction, a->length) == 0 &&
           a->memory_size == b->memory_size;
}

static uint32_t thunk_make(struct thunk *wanted, unsigned base, bool flags_written)
{
    uint32_t slot = thunk_hash(wanted);

    for (; table[slot]; slot = (slot + 1) % TABLE_SLOTS)
        if (thunk_same(&thunks[table[slot]], wanted))
            return table[slot];
    if (thunk_count == MOST_THUNKS || arena.used + LARGEST_CODE > ARENA_SIZE)
        return 0;
    thunk_emit(wanted, base, flags_written);
    thunks[thunk_count] = *wanted;
    table[slot] = (uint16_t)thunk_count;
    return thunk_count++;
}

uint32_t thunk_find(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operands)
{
    struct thunk wanted;
    const ZydisAccessedFlags *flags = instruction->cpu_flags;
    unsigned base;
    uint32_t found = 0;

    if (arena.refused || !thunk_describe(&wanted, instruction, operands))
        return 0;
    /* EVEX registers and masks only where their state is ours to load. */
    if (vectors_width() != VECTOR_WIDTH_512 &&
        (wanted.mask_read | wanted.mask_written ||
         instruction->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX))
        return 0;
    base = base_choose(&wanted);
    if (!encode_again(&wanted, instruction, operands, base))
        return 0;
    if (__atomic_exchange_n(&making, 1, __ATOMIC_ACQUIRE))
        return 0;
    if (arena.writable || arena_open())
        found = thunk_make(&wanted, base, flags && (flags->modified | flags->set_0 | flags->set_1));
    __atomic_store_n(&making, 0, __ATOMIC_RELEASE);
    return found;
}

/* --- running ----------------------------------------------------------------- */

void thunk_run(const struct thunk *thunk, struct registers *registers)
{
    const uint8_t *code = thunk->code;
    __asm__ volatile("push %%rbp\n\t"
                     "call *%[code]\n\t"
                     "pop %%rbp"
                     : [code] "+a"(code), "+D"(registers)
                     :
                     : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
                       "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                       "xmm15");
}

bool thunks_begin(uint32_t application_control)
{
    bool quiet = vector_control_is_quiet(application_control);
    uint32_t control =
        quiet ? application_control : VECTOR_TRAPS_MASKED | (application_control & VECTOR_MODES);
    __asm__ volatile("ldmxcsr %0" : : "m"(control));
    return quiet;
}

void thunks_end(void)
{
    uint32_t control = VECTOR_TRAPS_MASKED;
    __asm__ volatile("ldmxcsr %0" : : "m"(control));
    if (vectors_width() != VECTOR_WIDTH_128)
        __asm__ volatile("vzeroupper");
}

void thunks_after_fork(void)
{
    __atomic_store_n(&making, 0, __ATOMIC_RELEASE);
    arena.writable = arena.executable = NULL; /* what is there stays, and is run */
}
