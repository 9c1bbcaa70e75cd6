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

/* The program that was built last: its bytes, to be changed. */
static uint8_t image[1 << 20];

static size_t read_program(void)
{
    FILE *file = fopen(temporary_path("program"), "rb");
    if (!file)
        skip(); /* there was no compiler */
    size_t size = fread(image, 1, sizeof(image) - (1 << 16), file);
    fclose(file);
    return size;
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

static void build_ids_have_any_length(void **state)
{
    (void)state;
    uint32_t size;
    struct binary *binary = build("-O1 -Wl,--build-id=0xab");
    assert_memory_equal(binary_build_id(binary, &size), "\xab", 1);
    assert_int_equal(size, 1);
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
    binary_free(build("-O1"));
    size_t size = read_program();
    raw_builder_write_bytes(path, image, size / 2);
    expect_refusal(path, ERROR_ELF_GARBLED);
    assert_non_null(strstr(error.detail, "it is cut short"));
}

static struct binary *open_changed(size_t size)
{
    const char *path = temporary_path("changed");
    raw_builder_write_bytes(path, image, size);
    struct binary *binary = binary_open(path, &error);
    if (!binary)
        fail_msg("%s: %s", error_text(error.code), error.detail);
    return binary;
}

static void code_is_known_without_a_section_table(void **state)
{
    (void)state;
    Elf64_Ehdr header;
    struct binary *whole = build("-O1 -Wl,--build-id=0x12345678");
    size_t size = read_program();
    memcpy(&header, image, sizeof(header));
    size = header.e_shoff < size ? header.e_shoff : size;
    header.e_shoff = 0;
    header.e_shnum = header.e_shstrndx = 0;
    memcpy(image, &header, sizeof(header));
    struct binary *binary = open_changed(size);
    uint32_t id_size;
    assert_true(binary_is_stripped(binary));
    assert_true(binary_has_code(binary));
    assert_memory_equal(binary_build_id(binary, &id_size), "\x12\x34\x56\x78", 4);
    for (size_t i = 0; i < binary_function_count(whole); i++) {
        const struct function *function = binary_function(whole, i);
        size_t expected, room;
        const uint8_t *code = binary_code_at(whole, function->address, &expected);
        const uint8_t *found = binary_code_at(binary, function->address, &room);
        assert_non_null(found);
        assert_true(room >= function->size && expected >= function->size);
        assert_memory_equal(found, code, function->size);
    }
    assert_null(binary_code_at(binary, 0, &(size_t){0}));
    binary_free(binary);
    binary_free(whole);
}

/* Symbols of sections from 0xff00 on have their numbers in a table beside: here all do. */
static void symbols_find_their_sections_in_a_table_beside(void **state)
{
    (void)state;
    struct binary *whole = build("-O1");
    size_t size = read_program();
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
    Elf64_Shdr *sections = (Elf64_Shdr *)(image + header->e_shoff);
    const char *names = (const char *)image + sections[header->e_shstrndx].sh_offset;
    size_t table = 0, beside = 0;
    for (size_t i = 1; i < header->e_shnum; i++) {
        if (sections[i].sh_type == SHT_SYMTAB)
            table = i;
        if (strcmp(names + sections[i].sh_name, ".comment") == 0)
            beside = i;
    }
    if (!table || !beside)
        skip();
    size_t count = sections[table].sh_size / sizeof(Elf64_Sym);
    Elf64_Sym *symbols = (Elf64_Sym *)(image + sections[table].sh_offset);
    size = (size + 7) & ~(size_t)7;
    Elf32_Word *numbers = (Elf32_Word *)(image + size);
    assert_true(size + count * sizeof(*numbers) <= sizeof(image));
    sections[beside].sh_type = SHT_SYMTAB_SHNDX;
    sections[beside].sh_flags = 0;
    sections[beside].sh_link = (Elf32_Word)table;
    sections[beside].sh_offset = size;
    sections[beside].sh_size = count * sizeof(*numbers);
    sections[beside].sh_entsize = sizeof(*numbers);
    sections[beside].sh_addralign = 4;
    for (size_t i = 0; i < count; i++) {
        bool in_section = symbols[i].st_shndx != SHN_UNDEF && symbols[i].st_shndx < SHN_LORESERVE;
        numbers[i] = in_section ? symbols[i].st_shndx : 0;
        if (in_section)
            symbols[i].st_shndx = SHN_XINDEX;
    }
    struct binary *binary = open_changed(size + count * sizeof(*numbers));
    assert_int_equal(binary_function_count(binary), binary_function_count(whole));
    for (size_t i = 0; i < binary_function_count(whole); i++) {
        assert_string_equal(binary_function(binary, i)->bolt_name,
                            binary_function(whole, i)->bolt_name);
        assert_int_equal(binary_function(binary, i)->size, binary_function(whole, i)->size);
    }
    binary_free(binary);
    binary_free(whole);
}

/* Cut and damaged copies of this program: opened or refused, and walked through. */
static void damaged_binaries_do_no_harm(void **state)
{
    (void)state;
    static uint8_t copy[sizeof(image)];
    const char *path = temporary_path("damaged");
    uint64_t random = 7;
    size_t size = read_program();
    for (int i = 0; i < 400; i++) {
        memcpy(copy, image, size);
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
        cmocka_unit_test(build_ids_have_any_length),
        cmocka_unit_test(functions_have_the_names_that_bolt_gives_them),
        cmocka_unit_test(addresses_are_found_in_their_functions),
        cmocka_unit_test(instructions_are_told_apart),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(code_is_known_without_a_section_table),
        cmocka_unit_test(symbols_find_their_sections_in_a_table_beside),
        cmocka_unit_test(damaged_binaries_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
