/*
 * Code of machines that the analyzer knows through Capstone alone: a program built for each has
 * the calls, branches and returns that its source has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "analyzer/model/code/decoder.h"
#include "analyzer/model/code/disassembler.h"
#include "tests/support/temporary.h"

static struct error error;

/* The program for the machine of that target; the test is left out where no compiler makes it. */
static struct binary *build(const char *target)
{
    char command[1024];
    const char *path = temporary_path(target);
    snprintf(command, sizeof(command),
             "clang-22 --target=%s -O1 -nostdlib -static -ffreestanding -fno-pic -fuse-ld=lld "
             "-Wl,-e,_start -o %s tests/unit/analyzer/programs/machines.c",
             target, path);
    int status = system(command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
    struct binary *binary = binary_open(path, &error);
    if (!binary)
        fail_msg("%s: %s", error_text(error.code), error.detail);
    return binary;
}

static const struct function *function_of(const struct binary *binary, const char *name)
{
    for (size_t i = 0; i < binary_function_count(binary); i++) {
        if (strcmp(binary_function(binary, i)->name, name) == 0)
            return binary_function(binary, i);
    }
    fail_msg("there is no %s", name);
    return NULL;
}

/* What a function is made of. */
struct census {
    size_t kinds[INSTRUCTION_STOP + 1];
    size_t indirect_calls, calls_of_triple, branches_inside, conditional_returns;
};

static struct census count_kinds(const struct binary *binary, const char *name)
{
    struct census census = {0};
    const struct function *function = function_of(binary, name);
    const struct function *triple = function_of(binary, "triple");
    struct decoder *decoder = decoder_of(binary, &error);
    if (!decoder)
        fail_msg("%s %s: %s", error.subject, error_text(error.code), error.detail);
    uint64_t end = function->address + function->size;
    for (uint64_t address = function->address; address < end;) {
        struct instruction instruction;
        if (!decoder_decode(decoder, address, &instruction)) {
            /* PowerPC has a table for debuggers behind the code. */
            if (census.kinds[INSTRUCTION_RETURN] > 0)
                break;
            fail_msg("%s: no instruction at %#lx", binary_path(binary), (unsigned long)address);
        }
        census.kinds[instruction.kind]++;
        census.indirect_calls += instruction.kind == INSTRUCTION_CALL && instruction.is_indirect;
        census.calls_of_triple +=
            instruction.kind == INSTRUCTION_CALL && instruction.target == triple->address;
        census.branches_inside += instruction.kind == INSTRUCTION_CONDITIONAL &&
                                  instruction.target - function->address < function->size;
        census.conditional_returns +=
            instruction.kind == INSTRUCTION_CONDITIONAL && instruction.is_indirect;
        if (instruction.kind == INSTRUCTION_CALL)
            assert_true(decoder_follows_call(decoder, address + instruction.size));
        address += instruction.size;
    }
    return census;
}

static void check(const char *target)
{
    struct binary *binary = build(target);
    struct census walk = count_kinds(binary, "walk");
    struct census triple = count_kinds(binary, "triple");
    assert_int_equal(walk.indirect_calls, 1);
    assert_int_equal(walk.calls_of_triple, 1);
    assert_int_equal(walk.kinds[INSTRUCTION_CALL], 2);
    assert_true(walk.branches_inside >= 2);
    assert_int_equal(walk.branches_inside + walk.conditional_returns,
                     walk.kinds[INSTRUCTION_CONDITIONAL]);
    assert_true(walk.kinds[INSTRUCTION_RETURN] >= 1);
    assert_int_equal(triple.kinds[INSTRUCTION_RETURN], 1);
    assert_int_equal(triple.kinds[INSTRUCTION_CALL] + triple.kinds[INSTRUCTION_CONDITIONAL] +
                         triple.kinds[INSTRUCTION_JUMP],
                     0);
    binary_free(binary);
}

static void arm_is_decoded(void **state)
{
    (void)state;
    check("armv7-linux-gnueabihf");
}

static void s390x_is_decoded(void **state)
{
    (void)state;
    check("s390x-linux-gnu");
}

static void powerpc_is_decoded(void **state)
{
    (void)state;
    check("powerpc64le-linux-gnu");
    check("powerpc-linux-gnu");
}

static void mips_is_decoded(void **state)
{
    (void)state;
    check("mips64el-linux-gnuabi64");
    check("mips-linux-gnu");
}

static void i386_is_decoded(void **state)
{
    (void)state;
    check("i386-linux-gnu");
}

/* Capstone 4 does not know RISC-V: then the error says so. */
static void riscv_is_decoded_or_refused(void **state)
{
    (void)state;
    struct binary *binary = build("riscv64-linux-gnu");
    if (!decoder_of(binary, &error)) {
        assert_int_equal(error.code, ERROR_MACHINE);
        assert_non_null(strstr(error.detail, "Capstone"));
        binary_free(binary);
        return;
    }
    binary_free(binary);
    check("riscv64-linux-gnu");
}

static void machines_without_a_decoder_are_refused(void **state)
{
    (void)state;
    struct binary *binary = build("loongarch64-linux-gnu");
    assert_null(decoder_of(binary, &error));
    assert_int_equal(error.code, ERROR_MACHINE);
    binary_free(binary);
}

static void people_read_instructions(void **state)
{
    char text[DISASSEMBLER_TEXT];
    (void)state;
    struct binary *binary = build("x86_64-linux-gnu");
    const struct function *triple = function_of(binary, "triple");
    struct disassembler *disassembler = disassembler_new(binary, &error);
    if (!disassembler)
        fail_msg("%s %s: %s", error.subject, error_text(error.code), error.detail);
    assert_int_equal(disassembler_text(disassembler, triple->address, text), 3);
    assert_string_equal(text, "lea eax, [rdi + rdi*2]");
    assert_int_equal(disassembler_text(disassembler, triple->address + 3, text), 1);
    assert_string_equal(text, "ret");
    assert_int_equal(disassembler_text(disassembler, 0, text), 0);
    assert_string_equal(text, "");
    disassembler_free(disassembler);
    binary_free(binary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arm_is_decoded),
        cmocka_unit_test(s390x_is_decoded),
        cmocka_unit_test(powerpc_is_decoded),
        cmocka_unit_test(mips_is_decoded),
        cmocka_unit_test(i386_is_decoded),
        cmocka_unit_test(riscv_is_decoded_or_refused),
        cmocka_unit_test(machines_without_a_decoder_are_refused),
        cmocka_unit_test(people_read_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
