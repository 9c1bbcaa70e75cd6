/*
 * Our decoders and Capstone, as the oracle, say the same of every instruction of installed
 * programs and libraries of both machines.  Where they differ, the difference is of a class
 * that is listed here with its reason; any other fails.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/model/code/capstone.h"
#include "analyzer/model/code/decoder.h"

/* One instruction as both see it. */
struct views {
    uint16_t machine;
    const uint8_t *bytes;
    struct instruction ours;
    bool has_theirs;
    struct instruction theirs;
    const char *mnemonic; /* theirs; "" */
};

struct difference {
    const char *reason;
    bool (*fits)(const struct views *views);
    size_t count;
};

static bool is_lock_prefix(const struct views *views)
{
    return views->machine == EM_X86_64 && views->bytes[0] == 0xf0 && views->ours.size == 1;
}

/* What only one of the two decodes is an instruction that goes on with the next. */
static bool is_unknown(const struct views *views, uint16_t machine)
{
    return views->machine == machine && !views->has_theirs && views->ours.kind == INSTRUCTION_OTHER;
}

/* By its prefix, EVEX, or by its opcode behind VEX: those of mask registers. */
static bool is_avx_512(const struct views *views)
{
    const uint8_t *bytes = views->bytes;
    if (!is_unknown(views, EM_X86_64))
        return false;
    if (bytes[0] != 0xc4 && bytes[0] != 0xc5)
        return bytes[0] == 0x62;
    bool is_first_map = bytes[0] == 0xc5 || (bytes[1] & 0x1f) == 1;
    uint8_t opcode = bytes[0] == 0xc5 ? bytes[2] : bytes[3];
    return is_first_map ? (opcode >= 0x41 && opcode <= 0x4b) || (opcode >= 0x90 && opcode <= 0x99)
                        : (bytes[1] & 0x1f) == 3 && opcode >= 0x30 && opcode <= 0x33;
}

/* RDPKRU, WRPKRU. */
static bool is_protection_key(const struct views *views)
{
    const uint8_t *bytes = views->bytes;
    return is_unknown(views, EM_X86_64) && bytes[0] == 0x0f && bytes[1] == 0x01 &&
           (bytes[2] == 0xee || bytes[2] == 0xef);
}

/* RDSSP, INCSSP of the shadow stack. */
static bool is_shadow_stack(const struct views *views)
{
    const uint8_t *opcode = views->bytes + ((views->bytes[1] & 0xf0) == 0x40 ? 2 : 1);
    return is_unknown(views, EM_X86_64) && views->bytes[0] == 0xf3 && opcode[0] == 0x0f &&
           (opcode[1] == 0x1e || opcode[1] == 0xae);
}

static uint32_t word_of(const struct views *views)
{
    return (uint32_t)views->bytes[0] | (uint32_t)views->bytes[1] << 8 |
           (uint32_t)views->bytes[2] << 16 | (uint32_t)views->bytes[3] << 24;
}

/* LDG and its like, IRG, GMI. */
static bool is_memory_tagging(const struct views *views)
{
    if (!is_unknown(views, EM_AARCH64))
        return false;
    uint32_t word = word_of(views);
    return (word & 0xff200000) == 0xd9200000 || (word & 0xffe0fc00) == 0x9ac01000 ||
           (word & 0xffe0fc00) == 0x9ac01400;
}

static bool is_sve(const struct views *views)
{
    return is_unknown(views, EM_AARCH64) && (word_of(views) >> 25 & 15) == 2;
}

static struct difference differences[] = {
    {"a lock prefix is an instruction of its own here, as it is to LLVM", is_lock_prefix, 0},
    {"Capstone 4 does not know all of AVX-512", is_avx_512, 0},
    {"Capstone 4 does not know memory protection keys", is_protection_key, 0},
    {"Capstone 4 does not know shadow stacks", is_shadow_stack, 0},
    {"Capstone 4 does not know memory tagging", is_memory_tagging, 0},
    {"Capstone 4 does not know all of the scalable vector extension", is_sve, 0},
};

static bool agree(const struct views *views)
{
    return views->has_theirs && views->ours.size == views->theirs.size &&
           views->ours.kind == views->theirs.kind &&
           views->ours.is_indirect == views->theirs.is_indirect &&
           views->ours.target == views->theirs.target;
}

static bool explain(const struct views *views)
{
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++) {
        if (differences[i].fits(views)) {
            differences[i].count++;
            return true;
        }
    }
    return false;
}

static bool is_one_of(const char *word, const char *list)
{
    size_t size = strlen(word);
    for (; *list; list += strcspn(list, " "), list += strspn(list, " ")) {
        if (strcspn(list, " ") == size && memcmp(list, word, size) == 0)
            return true;
    }
    return false;
}

static bool has_group(const struct capstone_code *code, unsigned group)
{
    return code->library->insn_group(code->handle, code->instruction, group);
}

/* Their groups as our kinds: which jumps always go away, their names say. */
static enum instruction_kind kind_of(const struct capstone_code *code)
{
    const char *mnemonic = code->instruction->mnemonic;
    if (is_one_of(mnemonic, "hlt int3 ud1 ud2 brk udf"))
        return INSTRUCTION_STOP;
    if (has_group(code, CS_GRP_CALL) || is_one_of(mnemonic, "bl blr"))
        return INSTRUCTION_CALL;
    if (has_group(code, CS_GRP_RET) || has_group(code, CS_GRP_IRET) ||
        is_one_of(mnemonic, "ret eret drps"))
        return INSTRUCTION_RETURN;
    if (!has_group(code, CS_GRP_JUMP))
        return INSTRUCTION_OTHER;
    return is_one_of(mnemonic, "jmp b br") ? INSTRUCTION_JUMP : INSTRUCTION_CONDITIONAL;
}

static void view(struct views *views, struct capstone_code *code, size_t size)
{
    uint64_t address = views->ours.address;
    views->theirs = (struct instruction){.address = address};
    views->has_theirs = capstone_decode(code, address, views->bytes, size);
    views->mnemonic = views->has_theirs ? code->instruction->mnemonic : "";
    if (!views->has_theirs)
        return;
    const char *operands = code->instruction->op_str;
    const char *last = strrchr(operands, ' ');
    char *end;
    views->theirs.size = (uint8_t)code->instruction->size;
    views->theirs.kind = kind_of(code);
    if (views->theirs.kind != INSTRUCTION_CALL && views->theirs.kind != INSTRUCTION_JUMP &&
        views->theirs.kind != INSTRUCTION_CONDITIONAL)
        return;
    last = last ? last + 1 : operands;
    last += *last == '#';
    views->theirs.target = strtoull(last, &end, 16);
    if (end == last || *end != '\0') {
        views->theirs.target = 0;
        views->theirs.is_indirect = true;
    }
}

static size_t compare_function(const struct binary *binary, const struct function *function,
                               struct capstone_code *code, size_t *instructions)
{
    struct error error;
    struct views views = {.machine = binary_machine(binary)};
    size_t unexplained = 0;
    uint64_t end = function->address + function->size;
    for (uint64_t address = function->address; address < end; address += views.ours.size) {
        size_t size;
        if (!decoder_decode(decoder_of(binary, &error), address, &views.ours))
            break;
        views.bytes = binary_code_at(binary, address, &size);
        view(&views, code, size);
        ++*instructions;
        if (agree(&views) || explain(&views) || unexplained++ > 3)
            continue;
        print_error("%s: %#lx in %s: %s %s: kind %d, size %u, target %#lx; ours: %d, %u, %#lx\n",
                    binary_path(binary), (unsigned long)address, function->name, views.mnemonic,
                    views.has_theirs ? code->instruction->op_str : "", views.theirs.kind,
                    views.theirs.size, (unsigned long)views.theirs.target, views.ours.kind,
                    views.ours.size, (unsigned long)views.ours.target);
    }
    return unexplained;
}

/* Returns how many instructions were compared: 0 where the file is not installed. */
static size_t compare_binary(const char *path)
{
    struct error error;
    struct capstone_code code = {0};
    size_t instructions = 0;
    size_t unexplained = 0;
    if (access(path, R_OK) != 0)
        return 0;
    struct binary *binary = binary_open(path, &error);
    if (!binary || !decoder_of(binary, &error) || !capstone_begin(&code, binary, &error))
        fail_msg("%s: %s %s", path, error_text(error.code), error.detail);
    for (size_t i = 0; i < binary_function_count(binary); i++)
        unexplained += compare_function(binary, binary_function(binary, i), &code, &instructions);
    capstone_end(&code);
    binary_free(binary);
    if (unexplained > 0)
        fail_msg("%s: %zu differences are of no known class", path, unexplained);
    print_message("%s: %zu instructions\n", path, instructions);
    return instructions;
}

static void compare_all(const char *const *paths, size_t count)
{
    size_t compared = 0;
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++)
        differences[i].count = 0;
    for (size_t i = 0; i < count; i++)
        compared += compare_binary(paths[i]);
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++) {
        if (differences[i].count > 0)
            print_message("%zu times: %s\n", differences[i].count, differences[i].reason);
    }
    if (compared == 0)
        skip();
}

static void x86_64_agrees(void **state)
{
    static const char *const paths[] = {
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib/x86_64-linux-gnu/libm.so.6",
        "/lib/x86_64-linux-gnu/libz.so.1",
        "/lib/x86_64-linux-gnu/libgcc_s.so.1",
        "/lib/x86_64-linux-gnu/libelf.so.1",
        "/lib/x86_64-linux-gnu/libdw.so.1",
        "/lib64/ld-linux-x86-64.so.2",
        "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
        "/usr/lib/x86_64-linux-gnu/libZydis.so.3.2",
        "/usr/bin/bash",
        "/usr/lib/x86_64-linux-gnu/libzstd.so.1",
    };
    (void)state;
    compare_all(paths, sizeof(paths) / sizeof(*paths));
}

static void aarch64_agrees(void **state)
{
    static const char *const paths[] = {
        "/usr/aarch64-linux-gnu/lib/libc.so.6",
        "/usr/aarch64-linux-gnu/lib/libm.so.6",
        "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1",
        "/usr/aarch64-linux-gnu/lib/libgcc_s.so.1",
        "/usr/aarch64-linux-gnu/lib/libgomp.so.1",
        "/usr/aarch64-linux-gnu/lib/libstdc++.so.6",
        "/usr/aarch64-linux-gnu/lib/libitm.so.1",
        "/usr/aarch64-linux-gnu/lib/libatomic.so.1",
    };
    (void)state;
    compare_all(paths, sizeof(paths) / sizeof(*paths));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x86_64_agrees),
        cmocka_unit_test(aarch64_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
