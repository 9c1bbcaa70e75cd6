/* What a binary is: read from real ones, and refused where it is none. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/code/decoder.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

#define SOURCES "tests/unit/analyzer/programs/edges.c tests/unit/analyzer/programs/edges_other.c"

static struct error error;

/* Builds the program with `flags` and opens it; skips where there is no compiler. */
static struct binary *build(const char *flags)
{
    char command[1024];
    const char *program = temporary_path("program");
    snprintf(command, sizeof(command), "gcc %s -o %s %s 2>/dev/null", flags, program, SOURCES);
    if (system(command) != 0)
        skip();
    struct binary *binary = binary_open(program, &error);
    if (!binary)
        fail_msg("%s: %s", error_text(error.code), error.detail);
    return binary;
}

static const struct function *named(const struct binary *binary, const char *bolt_name)
{
    for (size_t i = 0; i < binary_function_count(binary); i++) {
        if (strcmp(binary_function(binary, i)->bolt_name, bolt_name) == 0)
            return binary_function(binary, i);
    }
    return NULL;
}

static void a_linked_program_tells_what_it_is(void **state)
{
    (void)state;
    uint32_t size;
    uint64_t low, high;
    struct binary *binary = build("-O1 -Wl,--emit-relocs -Wl,--build-id=0x12345678");
    assert_int_equal(binary_machine(binary), EM_X86_64);
    assert_int_equal(binary_elf_type(binary), ET_DYN);
    assert_true(binary_is_pie(binary));
    assert_false(binary_is_shared_object(binary));
    assert_false(binary_is_stripped(binary));
    assert_false(binary_is_bolted(binary));
    assert_true(binary_has_relocations(binary));
    assert_memory_equal(binary_build_id(binary, &size), "\x12\x34\x56\x78", 4);
    assert_int_equal(size, 4);
    binary_range(binary, &low, &high);
    assert_int_equal(low, 0);
    assert_true(high > 0x1000);
    binary_free(binary);
}

static void other_kinds_of_link_are_told_apart(void **state)
{
    (void)state;
    uint32_t size;
    struct binary *binary = build("-O1 -no-pie -Wl,--build-id=none");
    assert_int_equal(binary_elf_type(binary), ET_EXEC);
    assert_false(binary_is_pie(binary));
    assert_false(binary_has_relocations(binary));
    assert_null(binary_build_id(binary, &size));
    assert_int_equal(size, 0);
    assert_int_equal(binary_first_segment(binary), 0x400000);
    binary_free(binary);

    binary = build("-O1 -shared -fPIC -Wl,-soname,libprogram.so");
    assert_true(binary_is_shared_object(binary));
    binary_free(binary);

    binary = build("-O1 -static-pie");
    assert_true(binary_is_pie(binary));
    binary_free(binary);

    binary = build("-O1 -s");
    assert_true(binary_is_stripped(binary));
    assert_null(named(binary, "main"));
    binary_free(binary);
}

static void functions_have_the_names_that_bolt_gives_them(void **state)
{
    (void)state;
    struct binary *binary = build("-O1");
    const struct function *first = named(binary, "helper/1");
    const struct function *second = named(binary, "helper/2");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first->address < second->address);
    assert_string_equal(second->name, "helper");
    assert_true(first->is_local);
    assert_non_null(named(binary, "main"));
    assert_false(named(binary, "main")->is_local);
    assert_non_null(named(binary, "strlen@PLT"));
    assert_true(named(binary, "strlen@PLT")->is_plt);
    /* table and its alias twin: one function */
    assert_true((named(binary, "table") == NULL) != (named(binary, "twin") == NULL));
    binary_free(binary);
}

static void addresses_are_found_in_their_functions(void **state)
{
    (void)state;
    struct binary *binary = build("-O1");
    for (size_t i = 0; i < binary_function_count(binary); i++) {
        const struct function *function = binary_function(binary, i);
        size_t size;
        assert_ptr_equal(binary_function_at(binary, function->address), function);
        assert_ptr_equal(binary_function_at(binary, function->address + function->extent - 1),
                         function);
        assert_true(function->size > 0 && function->size <= function->extent);
        assert_non_null(binary_code_at(binary, function->address, &size));
        assert_true(size >= function->size);
        if (i > 0)
            assert_true(function[-1].address + function[-1].extent <= function->address);
    }
    assert_null(binary_function_at(binary, 0));
    assert_null(binary_function_at(binary, UINT64_MAX));
    binary_free(binary);
}

static void instructions_are_told_apart(void **state)
{
    (void)state;
    struct binary *binary = build("-O1");
    struct decoder *decoder = decoder_of(binary, &error);
    const struct function *function = named(binary, "main");
    struct instruction instruction;
    unsigned kinds[INSTRUCTION_STOP + 1] = {0};
    for (uint64_t address = function->address; address < function->address + function->size;
         address += instruction.size) {
        assert_true(decoder_decode(decoder, address, &instruction));
        kinds[instruction.kind]++;
        if (instruction.kind == INSTRUCTION_CALL) {
            assert_non_null(binary_function_at(binary, instruction.target));
            assert_true(decoder_follows_call(decoder, address + instruction.size));
        }
        if (instruction.kind == INSTRUCTION_CONDITIONAL)
            assert_ptr_equal(binary_function_at(binary, instruction.target), function);
    }
    assert_true(kinds[INSTRUCTION_CALL] >= 5 && kinds[INSTRUCTION_CONDITIONAL] >= 3);
    assert_int_equal(kinds[INSTRUCTION_RETURN], 1);
    assert_false(decoder_follows_call(decoder, function->address));
    assert_false(decoder_decode(decoder, 0, &instruction));
    binary_free(binary);
}

static void expect_refusal(const char *path, enum error_code code)
{
    struct binary *binary = binary_open(path, &error);
    assert_null(binary);
    assert_int_equal(error.code, code);
    assert_string_equal(error.subject, path);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    const char *path = temporary_path("other");
    expect_refusal(temporary_path("missing"), ERROR_OPEN);
    expect_refusal("/tmp", ERROR_NOT_ELF);
    expect_refusal("/dev/null", ERROR_NOT_ELF);
    raw_builder_write_bytes(path, "", 0);
    expect_refusal(path, ERROR_NOT_ELF);
    raw_builder_write_bytes(path, "#!/bin/sh\n", 10);
    expect_refusal(path, ERROR_NOT_ELF);
    raw_builder_write_bytes(path,
                            "\x7f"
                            "ELF",
                            4);
    expect_refusal(path, ERROR_NOT_ELF);
}

/* Cut and damaged copies of this program: opened or refused, and walked through. */
static void damaged_binaries_do_no_harm(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    static uint8_t copy[sizeof(bytes)];
    const char *path = temporary_path("damaged");
    FILE *file = fopen(temporary_path("program"), "rb");
    uint64_t random = 7;
    if (!file)
        skip(); /* there was no compiler */
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    for (int i = 0; i < 400; i++) {
        memcpy(copy, bytes, size);
        for (int change = 0; change < 3; change++) {
            random = random * UINT64_C(6364136223846793005) + 1;
            size_t place = (size_t)(random >> 24) % size;
            if (change == 0) /* the header and the section table, which steer everything */
                place = i % 2 ? place % 64 : size - 1 - place % 2000;
            copy[place] = (uint8_t)(random >> 16);
        }
        raw_builder_write_bytes(path, copy, i % 3 ? size : (size_t)(random >> 24) % size);
        struct binary *binary = binary_open(path, &error);
        if (!binary) {
            assert_true(*error.subject);
            continue;
        }
        for (size_t f = 0; f < binary_function_count(binary); f++) {
            size_t room;
            const uint8_t *code =
                binary_code_at(binary, binary_function(binary, f)->address, &room);
            assert_true(code && room > 0 && code[room - 1] == code[room - 1]);
        }
        binary_free(binary);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linked_program_tells_what_it_is),
        cmocka_unit_test(other_kinds_of_link_are_told_apart),
        cmocka_unit_test(functions_have_the_names_that_bolt_gives_them),
        cmocka_unit_test(addresses_are_found_in_their_functions),
        cmocka_unit_test(instructions_are_told_apart),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(damaged_binaries_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
