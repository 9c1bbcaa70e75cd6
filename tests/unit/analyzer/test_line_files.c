/* The names of files in line tables: those that libdw tells, and those that it does not. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <dwarf.h>
#include <elfutils/libdw.h>

#include "analyzer/model/debug/line_header.h"
#include "tests/support/temporary.h"

#define SOURCES "tests/unit/analyzer/programs/edges.c tests/unit/analyzer/programs/edges_other.c"

static bool read_header(Dwarf *dwarf, Dwarf_Die *unit, struct line_header *header)
{
    struct section_bytes section = section_bytes_of(dwarf_getelf(dwarf), ".debug_line");
    Dwarf_Attribute attribute;
    Dwarf_Word offset;
    assert_non_null(dwarf_attr(unit, DW_AT_stmt_list, &attribute));
    assert_int_equal(dwarf_formudata(&attribute, &offset), 0);
    assert_true(offset < section.size);
    struct cursor cursor = cursor_over(section.bytes + offset, section.size - offset);
    return line_header_read(header, &cursor) == NULL;
}

/* `path` has the directory, where that is not the unit's, and the name. */
static void expect_file(const char *path, const struct line_file *file)
{
    char expected[1024];
    snprintf(expected, sizeof(expected), "%s%s%s", file->directory ? file->directory : "",
             file->directory ? "/" : "", file->name);
    size_t size = strlen(path), part = strlen(expected);
    assert_true(size >= part);
    assert_string_equal(path + size - part, expected);
}

static void check_unit(Dwarf *dwarf, Dwarf_Die *unit, const struct line_strings *strings)
{
    struct line_header header;
    struct line_file file;
    Dwarf_Files *files;
    size_t count;
    assert_true(read_header(dwarf, unit, &header));
    assert_int_equal(dwarf_getsrcfiles(unit, &files, &count), 0);
    assert_true(count > 0);
    /* Before DWARF 5, libdw's first is its own. */
    for (size_t i = header.version < 5; i < count; i++) {
        assert_true(line_header_file(&header, strings, i, &file));
        expect_file(dwarf_filesrc(files, i, NULL, NULL), &file);
    }
    assert_false(line_header_file(&header, strings, count, &file));
    assert_false(line_header_file(&header, strings, UINT64_MAX, &file));
    assert_true(header.version >= 5 || !line_header_file(&header, strings, 0, &file));
}

static void check_compiler(const char *command)
{
    char text[1024];
    const char *program = temporary_path("program");
    snprintf(text, sizeof(text), "%s -g -O1 -o %s %s 2>/dev/null", command, program, SOURCES);
    if (system(text) != 0)
        return; /* there is no such compiler */
    int descriptor = open(program, O_RDONLY | O_CLOEXEC);
    Dwarf *dwarf = dwarf_begin(descriptor, DWARF_C_READ);
    assert_non_null(dwarf);
    struct line_strings strings = {section_bytes_of(dwarf_getelf(dwarf), ".debug_line_str"),
                                   section_bytes_of(dwarf_getelf(dwarf), ".debug_str")};
    Dwarf_CU *next = NULL;
    Dwarf_Die unit;
    size_t units = 0;
    while (dwarf_get_units(dwarf, next, &next, NULL, NULL, &unit, NULL) == 0) {
        check_unit(dwarf, &unit, &strings);
        units++;
    }
    assert_int_equal(units, 2);
    dwarf_end(dwarf);
    close(descriptor);
}

static void all_files_have_the_names_that_libdw_tells(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "gcc -gdwarf-4",      "gcc -gdwarf-5",      "gcc -gdwarf-5 -gdwarf64",
        "clang-22 -gdwarf-4", "clang-22 -gdwarf-5",
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        check_compiler(commands[i]);
}

/* Of DWARF 5, all forms, and a discriminator that libdw does not take would follow. */
static void entries_of_every_form_are_read(void **state)
{
    (void)state;
    static const uint8_t names[] = {
        2,
        DW_LNCT_path,
        DW_FORM_string,
        DW_LNCT_timestamp,
        DW_FORM_data16, /* directories */
        2,
        '/',
        'a',
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        'b',
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        4,
        DW_LNCT_MD5,
        DW_FORM_block,
        DW_LNCT_directory_index,
        DW_FORM_data2, /* files */
        DW_LNCT_path,
        DW_FORM_line_strp,
        DW_LNCT_size,
        DW_FORM_udata,
        2,
        2,
        9,
        9,
        0,
        0,
        1,
        0,
        0,
        0,
        0x80,
        1,
        0,
        1,
        0,
        3,
        0,
        0,
        0,
        5,
    };
    static const char line_strings[] = "xc.c";
    struct line_strings strings = {.line_strings = {(const uint8_t *)line_strings, 5}};
    struct line_header header = {
        .version = 5, .offset_size = 4, .names = cursor_over(names, sizeof(names))};
    struct line_file file;
    assert_true(line_header_file(&header, &strings, 0, &file));
    assert_null(file.directory);
    assert_string_equal(file.name, "c.c");
    assert_true(line_header_file(&header, &strings, 1, &file));
    assert_string_equal(file.directory, "b");
    assert_string_equal(file.name, "c");
    assert_false(line_header_file(&header, &strings, 2, &file));
    /* However short it is cut, nothing is read behind its end. */
    for (size_t size = 0; size < sizeof(names); size++) {
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, names, size);
        header.names = cursor_over(copy, size);
        assert_false(line_header_file(&header, &strings, 1, &file));
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_files_have_the_names_that_libdw_tells),
        cmocka_unit_test(entries_of_every_form_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
